// What the processor at hand has. A target attribute lets a function use it; it is called only where it is there.
#ifndef CSCAN_PROCESSOR_H
#define CSCAN_PROCESSOR_H

#if defined(__x86_64__)

#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,bmi2,popcnt")))

#define WIDEST __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

static inline int has_avx2(void) {
  static int known = -1;
  int found = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (found < 0) {
    __builtin_cpu_init();
    found = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    __atomic_store_n(&known, found, __ATOMIC_RELAXED);
  }
  return found;
}

// True where AVX2 is there and a gather is faster than eight loads: on AMD, and on Intel from Sapphire Rapids on. Older
// ones got a gather of some fifty cycles with the microcode against "Downfall".
static inline int has_gather(void) {
  static int known = -1;
  int wide = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (wide < 0) {
    __builtin_cpu_init();
    wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")
        && (__builtin_cpu_is("amd") || __builtin_cpu_supports("avx512bf16"));
    __atomic_store_n(&known, wide, __ATOMIC_RELAXED);
  }
  return wide;
}

static inline int has_permutes(void) {
  static int known = -1;
  int widest = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (widest < 0) {
    __builtin_cpu_init();
    widest = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2")
        && __builtin_cpu_supports("bmi2");
    __atomic_store_n(&known, widest, __ATOMIC_RELAXED);
  }
  return widest;
}

#endif

#endif
