#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <spawn.h>

#if defined(__GLIBC__)
int cspawn_close_from(void *actions, int lowest) {
  return posix_spawn_file_actions_addclosefrom_np((posix_spawn_file_actions_t *)actions, lowest);
}
#else
int cspawn_close_from(void *actions, int lowest) {
  (void)actions;
  (void)lowest;
  return ENOSYS;
}
#endif
