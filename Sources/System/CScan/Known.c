#include "CScan.h"

#include "Processor.h"

size_t cscan_known_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  for (size_t place = from; place < to; place += 3) {
    places[count] = (uint32_t)place;
    count += cscan_is_known(bitmap, bits, cscan_known_hash(text + place));
  }
  return count;
}

size_t cscan_known_long_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  size_t count = 0;
  for (size_t place = from; place < to; place += 8) {
    places[count] = (uint32_t)place;
    count += cscan_is_known(bitmap, bits, cscan_known_long_hash(text + place));
  }
  return count;
}

#if defined(__x86_64__)

// A bit for each of eight hashes that the bitmap has both bits of.
WIDE static inline uint32_t eight_known(const uint32_t *bitmap, __m128i word, __m128i bit, __m256i hashes) {
  const __m256i low = _mm256_set1_epi32(31);
  hashes = _mm256_mullo_epi32(
      _mm256_xor_si256(hashes, _mm256_srli_epi32(hashes, 15)), _mm256_set1_epi32((int)CSCAN_STIR_FACTOR));
  __m256i found = _mm256_i32gather_epi32((const int *)bitmap, _mm256_srl_epi32(hashes, word), 4);
  __m256i first = _mm256_and_si256(_mm256_srl_epi32(hashes, bit), low);
  // The bits move to the sign, which is what a mask is made from.
  first = _mm256_sllv_epi32(found, _mm256_sub_epi32(low, first));
  __m256i second = _mm256_sllv_epi32(found, _mm256_sub_epi32(low, _mm256_and_si256(hashes, low)));
  return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(first, second)));
}

// Eight windows of four bytes, each three bytes behind the one before.
WIDE static inline __m256i eight_short(const uint8_t *text) {
  const __m256i spread = _mm256_setr_epi8(
      0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12);
  __m256i bytes = _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)text)), _mm_loadu_si128((const __m128i *)(text + 12)), 1);
  return _mm256_mullo_epi32(_mm256_shuffle_epi8(bytes, spread), _mm256_set1_epi32((int)CSCAN_KNOWN_FACTOR));
}

// Eight windows of eight bytes, one behind the other.
WIDE static inline __m256i eight_long(const uint8_t *text) {
  const __m256i factors = _mm256_set1_epi64x((long long)((uint64_t)CSCAN_SECOND_FACTOR << 32 | CSCAN_KNOWN_FACTOR));
  __m256i front = _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)text), factors);
  __m256i back = _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)(text + 32)), factors);
  front = _mm256_add_epi32(front, _mm256_srli_epi64(front, 32));
  back = _mm256_add_epi32(back, _mm256_srli_epi64(back, 32));
  // The sums are in the lower halves: packed together, they come in pairs of front and back.
  __m256 packed = _mm256_shuffle_ps(_mm256_castsi256_ps(front), _mm256_castsi256_ps(back), 0x88);
  return _mm256_permute4x64_epi64(_mm256_castps_si256(packed), 0xD8);
}

WIDE static size_t known_wide(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  const __m128i word = _mm_cvtsi32_si128((int)(37 - bits)), bit = _mm_cvtsi32_si128((int)(32 - bits));
  size_t count = 0;
  size_t place = from;
  for (; place + 52 <= to; place += 48) {
    uint32_t mask = eight_known(bitmap, word, bit, eight_short(text + place))
        | eight_known(bitmap, word, bit, eight_short(text + place + 24)) << 8;
    for (; mask != 0; mask &= mask - 1) places[count++] = (uint32_t)(place + 3 * (size_t)__builtin_ctz(mask));
  }
  return count + cscan_known_portable(bitmap, bits, text, place, to, places + count);
}

WIDE static size_t known_long_wide(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  const __m128i word = _mm_cvtsi32_si128((int)(37 - bits)), bit = _mm_cvtsi32_si128((int)(32 - bits));
  size_t count = 0;
  size_t place = from;
  for (; place + 128 <= to; place += 128) {
    uint32_t mask = eight_known(bitmap, word, bit, eight_long(text + place))
        | eight_known(bitmap, word, bit, eight_long(text + place + 64)) << 8;
    for (; mask != 0; mask &= mask - 1) places[count++] = (uint32_t)(place + 8 * (size_t)__builtin_ctz(mask));
  }
  return count + cscan_known_long_portable(bitmap, bits, text, place, to, places + count);
}

size_t cscan_known(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return has_gather() ? known_wide(bitmap, bits, text, from, to, places)
                   : cscan_known_portable(bitmap, bits, text, from, to, places);
}
size_t cscan_known_long(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return has_gather() ? known_long_wide(bitmap, bits, text, from, to, places)
                   : cscan_known_long_portable(bitmap, bits, text, from, to, places);
}

#else

size_t cscan_known(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_known_portable(bitmap, bits, text, from, to, places);
}
size_t cscan_known_long(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places) {
  return cscan_known_long_portable(bitmap, bits, text, from, to, places);
}

#endif
