#include "CScan.h"

#include "Processor.h"

// Marks are tab, line feed, carriage return, escape, `%`, `&`, `@` and the backslash.
static inline int is_mark(uint8_t byte) {
  return byte == '\t' || byte == '\n' || byte == '\r' || byte == 0x1B || byte == '%' || byte == '&' || byte == '@' || byte == '\\';
}

static inline int is_stop(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

void cscan_marks_portable(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops) {
  for (size_t block = 0; block * 64 < count; block++) {
    size_t left = count - block * 64;
    uint64_t mark = 0, stop = 0;
    for (size_t place = 0; place < (left < 64 ? left : 64); place++) {
      uint8_t byte = text[block * 64 + place];
      mark |= (uint64_t)is_mark(byte) << place;
      stop |= (uint64_t)is_stop(byte) << place;
    }
    marks[block] = mark;
    stops[block] = stop;
  }
}

// Without a branch for each byte, so that compilers make a loop over many bytes at once of it.
int cscan_is_printable(const uint8_t *text, size_t count) {
  for (size_t from = 0; from < count; from += 4096) {
    size_t to = count - from < 4096 ? count : from + 4096;
    uint8_t odd = 0;
    for (size_t place = from; place < to; place++) {
      uint8_t byte = text[place];
      odd |= (uint8_t)((uint8_t)(byte - 0x20) > 0x5E) & (uint8_t)(byte != '\n');
    }
    if (odd != 0) return 0;
  }
  return 1;
}

#if defined(__x86_64__)

// By nibbles: a byte is a mark where a row that its high nibble names holds its low one. Bytes beyond 0x7F are in no row.
WIDE static inline uint64_t marks_in(__m256i bytes) {
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 0, 8, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i members = _mm256_broadcastsi128_si256(_mm_setr_epi8(8, 0, 0, 0, 0, 4, 4, 0, 0, 1, 1, 2, 16, 1, 0, 0));
  __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
  __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(rows, high), _mm256_shuffle_epi8(members, bytes));
  return (uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
}

WIDE static inline uint64_t stops_in(__m256i bytes) {
  __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
  __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
  __m256i slash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(control, quote), slash));
}

WIDE static void marks_wide(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops) {
  size_t block = 0;
  for (; (block + 1) * 64 <= count; block++) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(text + block * 64));
    __m256i high = _mm256_loadu_si256((const __m256i *)(text + block * 64 + 32));
    marks[block] = marks_in(low) | marks_in(high) << 32;
    stops[block] = stops_in(low) | stops_in(high) << 32;
  }
  if (block * 64 < count) cscan_marks_portable(text + block * 64, count - block * 64, marks + block, stops + block);
}

void cscan_marks(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops) {
  if (has_avx2()) {
    marks_wide(text, count, marks, stops);
  } else {
    cscan_marks_portable(text, count, marks, stops);
  }
}

#else

void cscan_marks(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops) {
  cscan_marks_portable(text, count, marks, stops);
}

#endif
