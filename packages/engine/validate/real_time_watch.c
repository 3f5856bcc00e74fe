// SPDX-License-Identifier: MIT
// Functions of the system under their own names that see who calls them between arranger_audio_enter and
// arranger_audio_leave: whatever may allocate, lock or wait. They stand before the system's when this is linked into a
// program, or into a library that is loaded before it. Linux with glibc.
#define _GNU_SOURCE
#include "real_time_watch.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

// Initial-exec: looking at them must not itself allocate.
static __thread int depth __attribute__((tls_model("initial-exec")));
static __thread int telling __attribute__((tls_model("initial-exec")));
static __thread int paused __attribute__((tls_model("initial-exec")));

static atomic_ulong blocks, pauses;

void arranger_audio_enter(void) {
  atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
  ++depth;
}
void arranger_audio_leave(void) { --depth; }
unsigned long arranger_audio_blocks(void) { return atomic_load(&blocks); }
void arranger_audio_pause(void) {
  if (depth > 0) atomic_fetch_add_explicit(&pauses, 1, memory_order_relaxed);
  ++paused;
}
void arranger_audio_resume(void) { --paused; }
unsigned long arranger_audio_pauses(void) { return atomic_load(&pauses); }

static void see(enum arranger_watched kind, const char *function) {
  if (depth == 0 || telling || paused) return;
  telling = 1;
  const int error = errno;
  arranger_audio_saw(kind, function);
  errno = error;
  telling = 0;
}

// What stands behind this library. dlsym may allocate, which these do not need it for.
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
  see(ARRANGER_ALLOCATION, "malloc");
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  see(ARRANGER_ALLOCATION, "calloc");
  return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  see(ARRANGER_ALLOCATION, "realloc");
  return __libc_realloc(memory, size);
}
void free(void *memory) {
  if (memory) see(ARRANGER_ALLOCATION, "free");
  __libc_free(memory);
}
void *aligned_alloc(size_t alignment, size_t size) {
  see(ARRANGER_ALLOCATION, "aligned_alloc");
  return __libc_memalign(alignment, size);
}
void *memalign(size_t alignment, size_t size) {
  see(ARRANGER_ALLOCATION, "memalign");
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
  see(ARRANGER_ALLOCATION, "posix_memalign");
  void *taken = __libc_memalign(alignment, size);
  if (!taken) return ENOMEM;
  *memory = taken;
  return 0;
}

static void *look_up(_Atomic(void *) * behind, const char *name, const char *version) {
  void *function = atomic_load_explicit(behind, memory_order_relaxed);
  if (function) return function;
  telling += 1;  // the linker's own doings are not the thread's
  function = version ? dlvsym(RTLD_NEXT, name, version) : NULL;
  if (!function) function = dlsym(RTLD_NEXT, name);
  telling -= 1;
  atomic_store_explicit(behind, function, memory_order_relaxed);
  return function;
}

// A function of the same name that tells, and then calls the one behind it. `version`: of a symbol that has several, of
// which dlsym would give the oldest.
#define WATCH_VERSION(kind, result, name, version, parameters, arguments) \
  result name parameters {                                                \
    static _Atomic(void *) behind;                                        \
    see(kind, #name);                                                     \
    void *function = look_up(&behind, #name, version);                    \
    return ((result(*) parameters)function)arguments;                     \
  }
#define WATCH(kind, result, name, parameters, arguments) WATCH_VERSION(kind, result, name, NULL, parameters, arguments)

WATCH(ARRANGER_LOCK, int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
WATCH(ARRANGER_LOCK, int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
WATCH(ARRANGER_LOCK, int, pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex))
WATCH(ARRANGER_LOCK, int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
WATCH(ARRANGER_LOCK, int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
WATCH(ARRANGER_LOCK, int, pthread_rwlock_unlock, (pthread_rwlock_t * lock), (lock))
#define WATCH_CONDITION(name, parameters, arguments) \
  WATCH_VERSION(ARRANGER_LOCK, int, name, "GLIBC_2.3.2", parameters, arguments)
WATCH_CONDITION(pthread_cond_signal, (pthread_cond_t * condition), (condition))
WATCH_CONDITION(pthread_cond_broadcast, (pthread_cond_t * condition), (condition))
WATCH_CONDITION(pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t *mutex), (condition, mutex))
WATCH_CONDITION(pthread_cond_timedwait,
                (pthread_cond_t * condition, pthread_mutex_t *mutex, const struct timespec *until),
                (condition, mutex, until))
WATCH(ARRANGER_LOCK, int, pthread_cond_clockwait,
      (pthread_cond_t * condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until),
      (condition, mutex, clock, until))
WATCH(ARRANGER_LOCK, int, sem_post, (sem_t * semaphore), (semaphore))
WATCH(ARRANGER_LOCK, int, sem_wait, (sem_t * semaphore), (semaphore))
WATCH(ARRANGER_LOCK, int, sem_trywait, (sem_t * semaphore), (semaphore))
WATCH(ARRANGER_LOCK, int, sem_timedwait, (sem_t * semaphore, const struct timespec *until), (semaphore, until))

WATCH(ARRANGER_SYSTEM_CALL, ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count))
WATCH(ARRANGER_SYSTEM_CALL, ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
WATCH(ARRANGER_SYSTEM_CALL, int, close, (int file), (file))
WATCH(ARRANGER_SYSTEM_CALL, int, poll, (struct pollfd * files, nfds_t count, int timeout), (files, count, timeout))
WATCH(ARRANGER_SYSTEM_CALL, int, select, (int count, fd_set *in, fd_set *out, fd_set *bad, struct timeval *timeout),
      (count, in, out, bad, timeout))
WATCH(ARRANGER_SYSTEM_CALL, int, nanosleep, (const struct timespec *time, struct timespec *left), (time, left))
WATCH(ARRANGER_SYSTEM_CALL, int, clock_nanosleep,
      (clockid_t clock, int flags, const struct timespec *time, struct timespec *left), (clock, flags, time, left))
WATCH(ARRANGER_SYSTEM_CALL, int, usleep, (useconds_t time), (time))
WATCH(ARRANGER_SYSTEM_CALL, int, sched_yield, (void), ())
WATCH(ARRANGER_SYSTEM_CALL, void *, mmap, (void *at, size_t size, int access, int flags, int file, off_t offset),
      (at, size, access, flags, file, offset))
WATCH(ARRANGER_SYSTEM_CALL, int, munmap, (void *at, size_t size), (at, size))
WATCH(ARRANGER_SYSTEM_CALL, void *, dlopen, (const char *path, int flags), (path, flags))
WATCH(ARRANGER_SYSTEM_CALL, int, dlclose, (void *library), (library))

WATCH(ARRANGER_THROW, void, __cxa_throw, (void *exception, void *type, void (*destroy)(void *)), (exception, type, destroy))

// Those of a variable number of arguments, with the most they take: one that was not given is passed on unread.
#define WATCH_VARIABLE(name, result, alias, parameters, arguments) \
  result alias parameters __asm__(#name);                          \
  result alias parameters {                                        \
    static _Atomic(void *) behind;                                 \
    see(ARRANGER_SYSTEM_CALL, #name);                                       \
    void *function = look_up(&behind, #name, NULL);                \
    return ((result(*) parameters)function)arguments;              \
  }
WATCH_VARIABLE(open, int, watched_open, (const char *path, int flags, unsigned mode), (path, flags, mode))
WATCH_VARIABLE(open64, int, watched_open64, (const char *path, int flags, unsigned mode), (path, flags, mode))
WATCH_VARIABLE(openat, int, watched_openat, (int folder, const char *path, int flags, unsigned mode),
               (folder, path, flags, mode))
WATCH_VARIABLE(openat64, int, watched_openat64, (int folder, const char *path, int flags, unsigned mode),
               (folder, path, flags, mode))
WATCH_VARIABLE(ioctl, int, watched_ioctl, (int file, unsigned long request, void *argument), (file, request, argument))
WATCH_VARIABLE(syscall, long, watched_syscall, (long number, long a, long b, long c, long d, long e, long f),
               (number, a, b, c, d, e, f))
