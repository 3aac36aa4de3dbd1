#include "CRE2.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct kmo_re2 {
  std::vector<std::unique_ptr<RE2>> patterns;
  std::unique_ptr<RE2::Set> all;
};

namespace {

// The order of a pattern's groups is not needed beyond the first.
constexpr int kGroups = 2;

// ^ and $ are the ends of a line: texts are logs.
const std::string kLines = "(?m)";

RE2::Options options(int64_t memory) {
  RE2::Options options;
  options.set_max_mem(memory);
  options.set_log_errors(false);
  // A match stands in one line: what a pattern finds must not depend on how much of a file is looked at.
  options.set_never_nl(true);
  return options;
}

bool fail(char *problem, size_t size, const std::string &text) {
  if (size > 0) {
    const size_t count = std::min(size - 1, text.size());
    std::memcpy(problem, text.data(), count);
    problem[count] = 0;
  }
  return false;
}

re2::StringPiece piece(const uint8_t *text, size_t length) {
  return re2::StringPiece(reinterpret_cast<const char *>(text), length);
}

}  // namespace

extern "C" {

kmo_re2 *kmo_re2_new(void) { return new (std::nothrow) kmo_re2; }

void kmo_re2_free(kmo_re2 *set) { delete set; }

bool kmo_re2_add(kmo_re2 *set, const char *pattern, size_t length, int64_t memory, char *problem, size_t size) try {
  auto compiled = std::make_unique<RE2>(kLines + std::string(pattern, length), options(memory));
  if (!compiled->ok()) {
    std::string error = compiled->error();
    // It may quote the pattern from its beginning.
    if (const auto at = error.find(kLines); at != std::string::npos) error.erase(at, kLines.size());
    return fail(problem, size, error);
  }
  if (RE2::PartialMatch("", *compiled)) return fail(problem, size, "it matches the empty text");
  set->patterns.push_back(std::move(compiled));
  return true;
} catch (...) {
  return fail(problem, size, "memory is used up");
}

bool kmo_re2_seal(kmo_re2 *set, int64_t memory) try {
  auto all = std::make_unique<RE2::Set>(options(memory), RE2::UNANCHORED);
  for (const auto &pattern : set->patterns) {
    if (all->Add(pattern->pattern(), nullptr) < 0) return false;
  }
  if (!all->Compile()) return false;
  set->all = std::move(all);
  return true;
} catch (...) {
  return false;
}

size_t kmo_re2_which(const kmo_re2 *set, const uint8_t *text, size_t length, int *hits, size_t capacity) {
  try {
    std::vector<int> found;
    RE2::Set::ErrorInfo error{};
    if (set->all->Match(piece(text, length), &found, &error)) {
      const size_t count = std::min(found.size(), capacity);
      std::copy_n(found.begin(), count, hits);
      return count;
    }
    if (error.kind == RE2::Set::kNoError) return 0;
  } catch (...) {
    // As if memory was used up, below.
  }
  const size_t count = std::min(set->patterns.size(), capacity);
  for (size_t index = 0; index < count; index++) hits[index] = static_cast<int>(index);
  return count;
}

bool kmo_re2_next(const kmo_re2 *set, int pattern, const uint8_t *text, size_t length, size_t from, size_t *begin,
                  size_t *end, size_t *next) {
  const RE2 &compiled = *set->patterns[static_cast<size_t>(pattern)];
  const int groups = compiled.NumberOfCapturingGroups() > 0 ? kGroups : 1;
  re2::StringPiece found[kGroups];
  if (from > length || !compiled.Match(piece(text, length), from, length, RE2::UNANCHORED, found, groups)) return false;
  const auto place = [text](const char *at) { return static_cast<size_t>(at - reinterpret_cast<const char *>(text)); };
  const re2::StringPiece &secret = groups > 1 && found[1].data() != nullptr ? found[1] : found[0];
  *begin = place(secret.data());
  *end = *begin + secret.size();
  *next = place(found[0].data()) + std::max<size_t>(found[0].size(), 1);
  return true;
}

}  // extern "C"
