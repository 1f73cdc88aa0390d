/* Counts the allocations of each thread, for LD_PRELOAD.
 *
 * Counting begins AFFECTD_COUNT_AFTER seconds after the start of the program. At its end, one line for each thread that
 * has allocated since: its name, how often, and how many bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define THREADS_MAX 64

struct record {
  char name[16];
  atomic_long count;
  atomic_long bytes;
};

static struct record records[THREADS_MAX];
static atomic_int record_count;
static double start_time, wait_time = 1e30;

/* The thread's own record; found at its first allocation that counts. */
static __thread struct record *own __attribute__((tls_model("initial-exec")));

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void count(size_t bytes) {
  if (wait_time > 1e29 || now() - start_time < wait_time) return;
  if (!own) {
    int index = atomic_fetch_add(&record_count, 1);
    if (index >= THREADS_MAX) return;
    prctl(PR_GET_NAME, records[index].name);
    own = &records[index];
  }
  atomic_fetch_add(&own->count, 1);
  atomic_fetch_add(&own->bytes, (long)bytes);
}

void *malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(number * size);
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count(size);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count(size);
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : 12; /* ENOMEM */
}

__attribute__((constructor)) static void begin(void) {
  const char *after = getenv("AFFECTD_COUNT_AFTER");
  start_time = now();
  if (after) wait_time = atof(after);
}

__attribute__((destructor)) static void end(void) {
  wait_time = 1e30;
  int threads = atomic_load(&record_count);
  fprintf(stderr, "allocations: counted for %.1f s\n", now() - start_time);
  for (int i = 0; i < threads && i < THREADS_MAX; i++)
    fprintf(stderr, "allocations: %s %ld %ld\n", records[i].name, atomic_load(&records[i].count),
            atomic_load(&records[i].bytes));
}
