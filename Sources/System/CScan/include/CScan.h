// Loops over text that look up many windows of four bytes in a bitmap at once: what Swift's SIMD types cannot express is a
// gather and a byte shuffle. Nothing is kept and nothing is allocated; all memory is the caller's and is borrowed for the call.
#ifndef CSCAN_H
#define CSCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// How the places of `cscan_triggers` are looked up; all tables are made by the caller, with `cscan_triggers_add`. A window passes
/// that passes all three.
typedef struct {
  /// 8,192 words: a hash of the first three bytes of a window selects one, the low five bits of the fourth byte a bit of it.
  const uint32_t *words;
  /// Two sets of 4,096 bits, of 512 bytes each, that are small enough for registers: the first two bytes, stirred, select seven
  /// bits of a bit's number, and the third one the other five; and the same the other way round.
  const uint8_t *fronts;
  const uint8_t *backs;
} cscan_triggers_tables;

/// Enters a window, bit 5 of each byte of which is set, in tables like the above. `is_three` is true where any fourth byte will do.
void cscan_triggers_add(uint32_t *words, uint8_t *fronts, uint8_t *backs, uint32_t window, int is_three);

/// Writes down the places in `text` from `from` on, before `to`, whose window of four bytes passes the tables once bit 5 of each
/// byte is set. `places` has room for `to - from` and one more. Reads no byte at or behind `to + 3`. Returns how many there are.
size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places);

// Multiplicative hashes (Knuth's, then those of MurmurHash3).
#define CSCAN_KNOWN_FACTOR 0x9E3779B1u
#define CSCAN_SECOND_FACTOR 0x85EBCA6Bu
#define CSCAN_STIR_FACTOR 0xC2B2AE35u

/// The window of four bytes that begins at `text`.
static inline uint32_t cscan_window(const uint8_t *text) {
  uint32_t window;
  memcpy(&window, text, sizeof window);
  return window;
}

// The top bits of a product depend on all bits of its factors; they are brought down before the second one.
static inline uint32_t cscan_stirred(uint32_t hash) { return (hash ^ hash >> 15) * CSCAN_STIR_FACTOR; }

/// The hash of a window of four bytes.
static inline uint32_t cscan_known_hash(const uint8_t *text) {
  return cscan_stirred(cscan_window(text) * CSCAN_KNOWN_FACTOR);
}

/// The hash of a window of eight bytes.
static inline uint32_t cscan_known_long_hash(const uint8_t *text) {
  return cscan_stirred(cscan_window(text) * CSCAN_KNOWN_FACTOR + cscan_window(text + 4) * CSCAN_SECOND_FACTOR);
}

/// 1 where a bitmap of 2^bits bits holds both bits of a hash, else 0: the highest bits of the hash select a word, the five below
/// them and the lowest five a bit of it each.
static inline uint32_t cscan_is_known(const uint32_t *bitmap, uint32_t bits, uint32_t hash) {
  uint32_t word = bitmap[hash >> (37 - bits)];
  return word >> (hash >> (32 - bits) & 31) & word >> (hash & 31) & 1;
}

/// Writes down every third place whose window of four bytes a bitmap holds: see `cscan_is_known`. `bits` is 10 to 31. `places`
/// and what is read as above.
size_t cscan_known(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);

/// The same for every eighth place and its window of eight bytes. Reads no byte at or behind `to + 7`.
size_t cscan_known_long(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);

/// Where runs of at least 20 bytes of the alphabets of base64 and base64url (without padding) begin in `text`, and where digits begin
/// that may be a payment card's: 17 or more digits, blanks and dashes, with one that is no digit where cards of 4-4-4-4 or
/// 4-6-5 digits have them. The places are before `to`; `end` is where the text ends, and `before` the byte in front of it, or 0.
/// Both lists have room for `to` places; `cards` may be null. Returns how many runs there are; `card_count` is set.
size_t cscan_runs(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count);

/// A bit for each of `count` bytes of `text`, 64 in a word, the first one lowest. In `marks`: is it a tab, a line feed, a carriage
/// return, an escape character, `%`, `&`, `@` or a backslash? In `stops`: is it a quote, a backslash or a control character, which
/// a JSON string cannot hold as they are? Both have room for a word for each 64 bytes begun; bits behind the text are zeros.
void cscan_marks(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops);

/// 1 where all of `count` bytes are printable ASCII or line feeds, else 0.
int cscan_is_printable(const uint8_t *text, size_t count);

/// The same without AVX-512; and without what only some processors have: for tests that compare the two.
size_t cscan_triggers_wide(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places);
size_t cscan_triggers_portable(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places);
size_t cscan_known_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);
size_t cscan_known_long_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);
size_t cscan_runs_portable(
    const uint8_t *text, uint8_t before, size_t to, size_t end, uint32_t *runs, uint32_t *cards, size_t *card_count);
void cscan_marks_portable(const uint8_t *text, size_t count, uint64_t *marks, uint64_t *stops);

#endif
