#include "CScan.h"

#include "Processor.h"

// A bit for each of 64 bytes: is it of the alphabets of base64, is it a digit, is it what stands between groups of digits?
typedef struct {
  uint64_t base64, digits, gaps;
} classes;

typedef void classify(const uint8_t *text, classes *out);

#define ALL(byte) ((uint64_t)(byte) * 0x0101010101010101u)

// Eight bytes at a time: the highest bit of a byte of a sum says whether it passed a limit. Bytes below 0x80 carry nothing on.
static inline uint64_t between(uint64_t low, uint8_t least, uint8_t most) {
  return (low + ALL(0x80 - least)) & ~(low + ALL(0x7F - most));
}

static inline uint64_t equal(uint64_t low, uint8_t byte) { return ~((low ^ ALL(byte)) + ALL(0x7F)); }

// The highest bits of eight bytes side by side, that of the first byte lowest.
static inline uint64_t gathered(uint64_t word) { return (word >> 7 & ALL(1)) * 0x0102040810204080u >> 56; }

static inline void classify_portable(const uint8_t *text, classes *out) {
  classes found = {0, 0, 0};
  for (int place = 0; place < 64; place += 8) {
    uint64_t word = 0;
    for (int byte = 0; byte < 8; byte++) word |= (uint64_t)text[place + byte] << (8 * byte);
    uint64_t low = word & ALL(0x7F), digits = between(low, '0', '9'), dashes = equal(low, '-');
    uint64_t base64 =
        between(low | ALL(0x20), 'a', 'z') | digits | dashes | equal(low, '+') | equal(low, '/') | equal(low, '_');
    found.base64 |= gathered(base64 & ~word) << place;
    found.digits |= gathered(digits & ~word) << place;
    found.gaps |= gathered((dashes | equal(low, ' ')) & ~word) << place;
  }
  *out = found;
}

// The classes of the 64 bytes at `place`; what stands at or behind `end` is of none.
__attribute__((always_inline)) static inline classes classes_at(
    classify *classify, const uint8_t *text, size_t place, size_t end) {
  classes found = {0, 0, 0};
  if (place + 64 <= end) {
    classify(text + place, &found);
  } else if (place < end) {
    uint8_t rest[64] = {0};
    memcpy(rest, text + place, end - place);
    classify(rest, &found);
  }
  return found;
}

static inline size_t put(uint64_t found, size_t place, uint32_t *places, size_t count) {
  for (; found != 0; found &= found - 1) places[count++] = (uint32_t)(place + (size_t)__builtin_ctzll(found));
  return count;
}

__attribute__((always_inline)) static inline size_t find_runs(
    classify *classify, const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards,
    size_t *card_count) {
  typedef unsigned __int128 wide;
  size_t run_count = 0;
  *card_count = 0;
  classes now = classes_at(classify, text, 0, end), last;
  uint8_t bytes[64] = {0};
  bytes[63] = before;
  classify_portable(bytes, &last);
  for (size_t place = 0; place < to; place += 64) {
    classes next = classes_at(classify, text, place + 64, end);
    uint64_t here = to - place < 64 ? ((uint64_t)1 << (to - place)) - 1 : ~(uint64_t)0;
    wide base64 = now.base64 | (wide)next.base64 << 64;
    // How many follow each other doubles with each step: 2, 4, 8, 16.
    wide four = base64 & base64 >> 1;
    four &= four >> 2;
    wide many = four & four >> 4;
    many &= many >> 8;
    uint64_t starts = (uint64_t)(many & four >> 16) & ~(now.base64 << 1 | last.base64 >> 63) & here;
    run_count = put(starts, place, runs, run_count);
    if (cards != NULL) {
      wide gaps = now.gaps | (wide)next.gaps << 64;
      wide spread = gaps >> 4 & (gaps >> 11 | (gaps >> 9 & gaps >> 14));
      starts = (uint64_t)spread & now.digits & ~(now.digits << 1 | last.digits >> 63) & here;
      if (starts != 0) {
        wide both = gaps | now.digits | (wide)next.digits << 64;
        many = both & both >> 1;
        many &= many >> 2;
        many &= many >> 4;
        many &= many >> 8;
        *card_count = put(starts & (uint64_t)(many & both >> 16), place, cards, *card_count);
      }
    }
    last = now;
    now = next;
  }
  return run_count;
}

size_t cscan_runs_portable(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count) {
  return find_runs(classify_portable, text, before, to, end, runs, cards, card_count);
}

#if defined(__x86_64__)

// By nibbles: a byte is of the alphabet where a row that its high nibble names holds its low one.
WIDE static inline uint64_t base64_wide(__m256i bytes) {
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i members = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 5, 4, 5, 4, 13));
  __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
  __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(rows, high), _mm256_shuffle_epi8(members, bytes));
  return (uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

WIDE static inline uint64_t digits_wide(__m256i bytes) {
  __m256i values = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
  return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(values, _mm256_set1_epi8(9)), values));
}

WIDE static inline uint64_t gaps_wide(__m256i bytes) {
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(
      _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' ')), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('-'))));
}

WIDE static inline void classify_wide(const uint8_t *text, classes *out) {
  __m256i low = _mm256_loadu_si256((const __m256i *)text), high = _mm256_loadu_si256((const __m256i *)(text + 32));
  out->base64 = base64_wide(low) | base64_wide(high) << 32;
  out->digits = digits_wide(low) | digits_wide(high) << 32;
  out->gaps = gaps_wide(low) | gaps_wide(high) << 32;
}

WIDE static size_t runs_wide(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count) {
  return find_runs(classify_wide, text, before, to, end, runs, cards, card_count);
}

size_t cscan_runs(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count) {
  return has_avx2() ? runs_wide(text, before, to, end, runs, cards, card_count)
                    : cscan_runs_portable(text, before, to, end, runs, cards, card_count);
}

#else

size_t cscan_runs(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count) {
  return cscan_runs_portable(text, before, to, end, runs, cards, card_count);
}

#endif
