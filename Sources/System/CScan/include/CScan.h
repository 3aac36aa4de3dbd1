// Loops over text that look up many windows of four bytes in a bitmap at once: what Swift's SIMD types cannot express is a
// gather and a byte shuffle. Nothing is kept and nothing is allocated; all memory is the caller's and is borrowed for the call.
#ifndef CSCAN_H
#define CSCAN_H

#include <stddef.h>
#include <stdint.h>

/// How the places of `cscan_triggers` are looked up; both tables are made by the caller.
typedef struct {
  /// 8,192 words: a hash of the first three bytes of a window selects one, the low five bits of the fourth byte a bit of it.
  const uint32_t *words;
  /// 1,024 words: another hash of the first three bytes selects a bit. Takes out most of what only shares a word.
  const uint32_t *fronts;
} cscan_triggers_tables;

/// Writes down the places in `text` from `from` on, before `to`, whose window of four bytes passes both tables once bit 5 of each
/// byte is set. `places` has room for `to - from` and one more. Reads no byte at or
/// behind `to + 3`. Returns how many there are.
size_t cscan_triggers(const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places);

/// The same for every third place, in a bitmap of 2^bits bits that a hash of the four bytes selects from.
size_t cscan_known(const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);

/// `cscan_triggers` and `cscan_known` without what only some processors have: for tests that compare the two.
size_t cscan_triggers_portable(
    const cscan_triggers_tables *tables, const uint8_t *text, size_t from, size_t to, uint32_t *places);
size_t cscan_known_portable(
    const uint32_t *bitmap, uint32_t bits, const uint8_t *text, size_t from, size_t to, uint32_t *places);

#endif
