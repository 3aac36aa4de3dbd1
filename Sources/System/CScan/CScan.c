#include "CScan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Multiplicative hashes (Knuth's). The first two leave the fourth byte out: it drops out at the top.
#define WORD_FACTOR 0x9E377900u
#define FRONT_FACTOR 0x85EBCA00u
#define KNOWN_FACTOR 0x9E3779B1u
#define FOLD 0x20202020u

static inline uint32_t load(const uint8_t *text) {
  uint32_t window;
  memcpy(&window, text, sizeof window);
  return window;
}

static inline uint32_t passes(const cscan_triggers_tables *tables, uint32_t window) {
  return tables->words[window * WORD_FACTOR >> 19] >> (window >> 24 & 31) & 1;
}

// Keeps those of the places that pass the second table. Without a branch: which one passes cannot be guessed.
static size_t sift(
    const cscan_triggers_tables *tables, const uint8_t *text, const uint32_t *found, size_t count, uint32_t *places) {
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t front = (load(text + found[index]) | FOLD) * FRONT_FACTOR >> 17;
    places[kept] = found[index];
    kept += tables->fronts[front >> 5] >> (front & 31) & 1;
  }
  return kept;
}

size_t cscan_triggers_portable(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  for (size_t place = from; place < to; place++) {
    places[count] = (uint32_t)place;
    count += passes(tables, load(text + place) | FOLD);
  }
  return sift(tables, text, places, count, places);
}

size_t cscan_known_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  for (size_t place = from; place < to; place += 3) {
    uint32_t hash = load(text + place) * KNOWN_FACTOR >> (32 - bits);
    places[count] = (uint32_t)place;
    count += bitmap[hash >> 5] >> (hash & 31) & 1;
  }
  return count;
}

#if defined(__x86_64__)

#define WIDE __attribute__((target("avx2,bmi,bmi2,popcnt")))

// True where AVX2 is there and a gather is faster than eight loads: on AMD, and on Intel from Sapphire Rapids on. Older
// ones got a gather of some fifty cycles with the microcode against "Downfall".
static int is_wide(void) {
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

// Eight windows that begin at neighbouring places: a bit for each that passes.
WIDE static inline uint32_t eight_triggers(const uint32_t *words, const uint8_t *text) {
  const __m256i spread = _mm256_setr_epi8(
      0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
  __m256i bytes = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)text));
  __m256i windows = _mm256_or_si256(_mm256_shuffle_epi8(bytes, spread), _mm256_set1_epi8(0x20));
  __m256i hashes = _mm256_srli_epi32(_mm256_mullo_epi32(windows, _mm256_set1_epi32((int)WORD_FACTOR)), 19);
  __m256i found = _mm256_i32gather_epi32((const int *)words, hashes, 4);
  __m256i bits = _mm256_and_si256(_mm256_srli_epi32(windows, 24), _mm256_set1_epi32(31));
  // The bit moves to the sign, which is what a mask is made from.
  found = _mm256_sllv_epi32(found, _mm256_sub_epi32(_mm256_set1_epi32(31), bits));
  return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(found));
}

// Eight windows, each three bytes behind the one before.
WIDE static inline uint32_t eight_known(const uint32_t *bitmap, __m128i shift, const uint8_t *text) {
  const __m256i spread = _mm256_setr_epi8(
      0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
  __m256i bytes = _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)text)), _mm_loadu_si128((const __m128i *)(text + 12)), 1);
  __m256i hashes = _mm256_mullo_epi32(_mm256_shuffle_epi8(bytes, spread), _mm256_set1_epi32((int)KNOWN_FACTOR));
  hashes = _mm256_srl_epi32(hashes, shift);
  __m256i found = _mm256_i32gather_epi32((const int *)bitmap, _mm256_srli_epi32(hashes, 5), 4);
  __m256i bits = _mm256_and_si256(hashes, _mm256_set1_epi32(31));
  found = _mm256_sllv_epi32(found, _mm256_sub_epi32(_mm256_set1_epi32(31), bits));
  return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(found));
}

WIDE static size_t triggers_wide(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  size_t place = from;
  // Of 64 places the last eight are read with eight more bytes.
  for (; place + 72 <= to; place += 64) {
    uint64_t mask = 0;
    for (int part = 0; part < 8; part++) {
      mask |= (uint64_t)eight_triggers(tables->words, text + place + 8 * part) << (8 * part);
    }
    for (; mask != 0; mask &= mask - 1) places[count++] = (uint32_t)(place + (size_t)__builtin_ctzll(mask));
  }
  count = sift(tables, text, places, count, places);
  return count + cscan_triggers_portable(tables, text, place, to, places + count);
}

WIDE static size_t known_wide(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  const __m128i shift = _mm_cvtsi32_si128((int)(32 - bits));
  size_t count = 0;
  size_t place = from;
  for (; place + 52 <= to; place += 48) {
    uint32_t mask = eight_known(bitmap, shift, text + place) | eight_known(bitmap, shift, text + place + 24) << 8;
    for (; mask != 0; mask &= mask - 1) places[count++] = (uint32_t)(place + 3 * (size_t)__builtin_ctz(mask));
  }
  return count + cscan_known_portable(bitmap, bits, text, place, to, places + count);
}

size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return is_wide() ? triggers_wide(tables, text, from, to, places)
                   : cscan_triggers_portable(tables, text, from, to, places);
}

size_t cscan_known(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return is_wide() ? known_wide(bitmap, bits, text, from, to, places)
                   : cscan_known_portable(bitmap, bits, text, from, to, places);
}

#else

size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_triggers_portable(tables, text, from, to, places);
}

size_t cscan_known(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_known_portable(bitmap, bits, text, from, to, places);
}

#endif
