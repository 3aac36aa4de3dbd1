// What Swift does not see of glibc's <spawn.h>, which declares it for _GNU_SOURCE alone. It owns nothing.

#include <spawn.h>

/// Lets a process that is to be started have no descriptor of this one from `lowest` up: SwiftNIO's sockets are not close-on-exec.
/// Add it last: what was added after it could use none of them either. 0, or an error number; ENOSYS where the C library has no such
/// action (Darwin has POSIX_SPAWN_CLOEXEC_DEFAULT for it).
int cspawn_close_from(posix_spawn_file_actions_t *actions, int lowest);
