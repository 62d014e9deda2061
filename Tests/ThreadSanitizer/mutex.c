#define _GNU_SOURCE
// Tells the thread sanitizer what Swift's Mutex does where it has to wait: the kernel hands the lock
// over (FUTEX_LOCK_PI), in a library that is not instrumented, and every such hand-over would be
// reported as a race of what the lock guards. Linked into the sanitizer's build only.
//
// The two functions stand before the library's own of the same names, and call them. Their names
// and calling convention are those of Swift's stable interface, `Synchronization._MutexHandle`.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

SWIFT void tsan_lock_slow(uint32_t thread, SELF mutex) __asm__(LOCK_SLOW);
SWIFT void tsan_unlock_slow(SELF mutex) __asm__(UNLOCK_SLOW);

static void *original(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

SWIFT void tsan_lock_slow(uint32_t thread, SELF mutex) {
  ((SWIFT void (*)(uint32_t, SELF))original(LOCK_SLOW))(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT void tsan_unlock_slow(SELF mutex) {
  __tsan_release(mutex);
  ((SWIFT void (*)(SELF))original(UNLOCK_SLOW))(mutex);
}
