// What Swift does not see of glibc's <spawn.h>, which declares it for _GNU_SOURCE alone. It owns nothing.
//
// That header is not included here: Swift would take the types that it brings along for this module's own.

/// Lets a process that is to be started have no descriptor of this one from `lowest` up: SwiftNIO's sockets are not close-on-exec.
/// `actions` is an initialized posix_spawn_file_actions_t. Add it last: what was added after it could use none of them either. 0, or an
/// error number; ENOSYS where the C library has no such action (Darwin has POSIX_SPAWN_CLOEXEC_DEFAULT for it).
int cspawn_close_from(void *actions, int lowest);
