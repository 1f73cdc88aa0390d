#include "CKernels.h"

#include <string.h>

// Any processor that the compiler knows: SSE2 on x86-64, NEON on a Raspberry Pi, whose 32 registers hold a larger tile.
#define LANES 4
#if defined(__aarch64__)
#define TILE_ROWS 12
#else
#define TILE_ROWS 6
#endif
#define NAME(x) x##_portable
#define NAME_STRING "portable"
#define VECTORS
#include "kernels.inc"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE_ROWS 6
#define NAME(x) x##_avx2
#define NAME_STRING "avx2"
#define VECTORS __attribute__((min_vector_width(256)))
#include "kernels.inc"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define NAME(x) x##_avx512
#define NAME_STRING "avx512"
#define VECTORS __attribute__((min_vector_width(512)))
#include "kernels.inc"
#pragma clang attribute pop

#endif

const affectd_kernels *affectd_kernels_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
    return &kernels_avx512;
  }
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return &kernels_avx2;
  }
#endif
  return strcmp(name, "portable") == 0 ? &kernels_portable : NULL;
}
