// A set of regular expressions in C: RE2 has a C++ interface alone, and Swift sees this one.
//
// Ownership: kmo_re2_new hands a set over, kmo_re2_free takes it back; nothing else is handed over in either direction. Texts
// and patterns are borrowed for the call. No C++ exception leaves a function.
#ifndef KMO_CRE2_H
#define KMO_CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kmo_re2 kmo_re2;

/// An empty set; NULL where memory is used up.
kmo_re2 *kmo_re2_new(void);

/// Ends a set; NULL is allowed.
void kmo_re2_free(kmo_re2 *set);

/// Adds a pattern that may use at most `memory` bytes for its program and its automata. False where it is wrong; then
/// `problem` holds a sentence without the pattern, cut to `size` bytes, with a final zero.
bool kmo_re2_add(kmo_re2 *set, const char *pattern, size_t length, int64_t memory, char *problem, size_t size);

/// No pattern is added any more. False where the patterns together need more than `memory` bytes.
bool kmo_re2_seal(kmo_re2 *set, int64_t memory);

/// Which patterns match in a text, as their indices, at most `capacity`, in `hits`. Returns how many; where that is not known
/// for lack of memory, all of them. From here on the set may be used by several threads at once.
size_t kmo_re2_which(const kmo_re2 *set, const uint8_t *text, size_t length, int *hits, size_t capacity);

/// The first match of a pattern at or after `from`. `begin` and `end` are those of its first group, or of the whole match where
/// it has none or the group took no part; `next` is where to go on. False where nothing matches.
bool kmo_re2_next(const kmo_re2 *set, int pattern, const uint8_t *text, size_t length, size_t from, size_t *begin,
                  size_t *end, size_t *next);

#ifdef __cplusplus
}
#endif

#endif
