#include "CScan.h"

#include "Processor.h"

// A multiplicative hash (Knuth's). It leaves the fourth byte out, which drops out at the top.
#define WORD_FACTOR 0x9E377900u
#define FOLD 0x20202020u

static inline uint32_t words_pass(const cscan_triggers_tables *tables, uint32_t window) {
  return tables->words[window * WORD_FACTOR >> 19] >> (window >> 24 & 31) & 1;
}

static inline uint32_t is_in(const uint8_t *set, uint32_t index, uint32_t part) {
  return set[(part >> 3 & 3) << 7 | (index & 127)] >> (part & 7) & 1;
}

static inline uint32_t sets_pass(const cscan_triggers_tables *tables, uint32_t window) {
  uint32_t first = window & 0xFF, second = window >> 8 & 0xFF, third = window >> 16 & 0xFF;
  return is_in(tables->fronts, first << 2 ^ second, third) & is_in(tables->backs, third << 2 ^ second, first);
}

void cscan_triggers_add(uint32_t *words, uint8_t *fronts, uint8_t *backs, uint32_t window, int is_three) {
  uint32_t first = window & 0xFF, second = window >> 8 & 0xFF, third = window >> 16 & 0xFF;
  words[window * WORD_FACTOR >> 19] |= is_three ? ~0u : 1u << (window >> 24 & 31);
  fronts[(third >> 3 & 3) << 7 | ((first << 2 ^ second) & 127)] |= (uint8_t)(1 << (third & 7));
  backs[(first >> 3 & 3) << 7 | ((third << 2 ^ second) & 127)] |= (uint8_t)(1 << (first & 7));
}

// Keeps those of the places that pass both sets. Without a branch: which one passes cannot be guessed.
static size_t sift_sets(const cscan_triggers_tables *tables, const uint8_t *text, size_t count, uint32_t *places) {
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t place = places[index];
    places[kept] = place;
    kept += sets_pass(tables, cscan_window(text + place) | FOLD);
  }
  return kept;
}

size_t cscan_triggers_portable(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  for (size_t place = from; place < to; place++) {
    places[count] = (uint32_t)place;
    count += words_pass(tables, cscan_window(text + place) | FOLD);
  }
  return sift_sets(tables, text, count, places);
}

#if defined(__x86_64__)

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
  count = sift_sets(tables, text, count, places);
  return count + cscan_triggers_portable(tables, text, place, to, places + count);
}

// A set of 4,096 bits as 512 bytes in registers: a bit for each of 64 elements that are in it.
WIDEST static inline __mmask64 are_in(const __m512i *set, __m512i index, __m512i part) {
  const __m512i bits = _mm512_broadcast_i32x4(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
  __mmask64 eight = _mm512_test_epi8_mask(part, _mm512_set1_epi8(8));
  __mmask64 sixteen = _mm512_test_epi8_mask(part, _mm512_set1_epi8(16));
  __m512i low = _mm512_mask_mov_epi8(
      _mm512_permutex2var_epi8(set[0], index, set[1]), eight, _mm512_permutex2var_epi8(set[2], index, set[3]));
  __m512i high = _mm512_mask_mov_epi8(
      _mm512_permutex2var_epi8(set[4], index, set[5]), eight, _mm512_permutex2var_epi8(set[6], index, set[7]));
  __m512i bit = _mm512_shuffle_epi8(bits, _mm512_and_si512(part, _mm512_set1_epi8(7)));
  return _mm512_test_epi8_mask(_mm512_mask_mov_epi8(low, sixteen, high), bit);
}

// The sets first, for 64 places at once, then the words for the few that are left.
WIDEST static size_t triggers_widest(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  const __m512i fold = _mm512_set1_epi8(0x20);
  const __m512i offsets = _mm512_set_epi8(
      63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35,
      34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
      4, 3, 2, 1, 0);
  __m512i fronts[8], backs[8];
  for (int part = 0; part < 8; part++) {
    fronts[part] = _mm512_loadu_si512(tables->fronts + 64 * part);
    backs[part] = _mm512_loadu_si512(tables->backs + 64 * part);
  }
  size_t count = 0;
  size_t place = from;
  for (; place + 64 <= to; place += 64) {
    __m512i first = _mm512_or_si512(_mm512_loadu_si512(text + place), fold);
    __m512i second = _mm512_or_si512(_mm512_loadu_si512(text + place + 1), fold);
    __m512i third = _mm512_or_si512(_mm512_loadu_si512(text + place + 2), fold);
    // Twice the double is four times a byte; what runs over drops out.
    __m512i front = _mm512_add_epi8(first, first), back = _mm512_add_epi8(third, third);
    front = _mm512_xor_si512(_mm512_add_epi8(front, front), second);
    back = _mm512_xor_si512(_mm512_add_epi8(back, back), second);
    __mmask64 found = are_in(fronts, front, third) & are_in(backs, back, first);
    __m512i passed = _mm512_maskz_compress_epi8(found, offsets);
    int left = __builtin_popcountll(found);
    // No more than 64 are written from `count` on, and as many are left to `to`.
    for (int done = 0; done < left; done += 16) {
      __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(passed));
      _mm512_storeu_si512(places + count + done, _mm512_add_epi32(wide, _mm512_set1_epi32((int)place)));
      passed = _mm512_alignr_epi32(_mm512_setzero_si512(), passed, 4);
    }
    count += (size_t)left;
  }
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t hit = places[index];
    places[kept] = hit;
    kept += words_pass(tables, cscan_window(text + hit) | FOLD);
  }
  return kept + cscan_triggers_portable(tables, text, place, to, places + kept);
}

size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return has_permutes() ? triggers_widest(tables, text, from, to, places)
                     : cscan_triggers_wide(tables, text, from, to, places);
}

size_t cscan_triggers_wide(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return has_gather() ? triggers_wide(tables, text, from, to, places)
                   : cscan_triggers_portable(tables, text, from, to, places);
}

#else

size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_triggers_portable(tables, text, from, to, places);
}

size_t cscan_triggers_wide(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_triggers_portable(tables, text, from, to, places);
}

#endif
