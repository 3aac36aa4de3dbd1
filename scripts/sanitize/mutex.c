// Tells ThreadSanitizer what Swift's Mutex does on Linux.
//
// Synchronization.Mutex is a futex with priority inheritance. Its quick paths are compiled into whoever uses it, so the sanitizer
// sees their atomics. Its slow paths lie in libswiftSynchronization, which is not instrumented, and the kernel itself passes the
// lock on (futex(2), FUTEX_LOCK_PI and FUTEX_UNLOCK_PI): the sanitizer sees two threads in the same place and no lock between
// them. This library stands before the two slow paths and says what they mean. It says nothing else: a race that is one is still
// reported, which scripts/sanitize.sh checks before it trusts it. Loaded with LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SELF __attribute__((swift_context)) void *self
#define SWIFT __attribute__((swiftcall))
// _MutexHandle._lockSlow(_:) and _MutexHandle._unlockSlow()
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Of the sanitizer's runtime; absent in the tools that inherit LD_PRELOAD.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);
SWIFT void lockSlow(uint32_t state, SELF) __asm__(LOCK_SLOW);
SWIFT void unlockSlow(SELF) __asm__(UNLOCK_SLOW);

static SWIFT void (*realLockSlow)(uint32_t state, SELF);
static SWIFT void (*realUnlockSlow)(SELF);

__attribute__((constructor)) static void find(void) {
  *(void **)&realLockSlow = dlsym(RTLD_NEXT, LOCK_SLOW);
  *(void **)&realUnlockSlow = dlsym(RTLD_NEXT, UNLOCK_SLOW);
}

SWIFT void lockSlow(uint32_t state, SELF) {
  realLockSlow(state, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlockSlow(SELF) {
  if (__tsan_release) __tsan_release(self);
  realUnlockSlow(self);
}
