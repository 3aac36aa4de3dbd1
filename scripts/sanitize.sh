#!/usr/bin/env bash
# The tests under ThreadSanitizer or AddressSanitizer, in a build folder of their own (half an hour on two cores, 5 GB).
#   scripts/sanitize.sh thread|address [--filter SUITE…]
# There is no list of suppressions. What ThreadSanitizer cannot know about Swift's Mutex is told to it by sanitize/mutex.c, after a
# proof that this silences the false report, and only that one.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

kind=${1:-}
[[ $kind == thread || $kind == address ]] || die "say thread or address"
shift
work=.build-$kind
mkdir -p "$work"
run=()

# The runtimes end a program with these statuses after a report.
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 second_deadlock_stack=1"
# Leaks are not looked for: Swift's runtime keeps its metadata for ever, on purpose.
export ASAN_OPTIONS="detect_leaks=0 exitcode=66"

prove() {
  local library=$1 program=$work/proof
  swiftc -parse-as-library -g -sanitize=thread scripts/sanitize/proof.swift -o "$program"
  if "$program" >/dev/null 2>"$work/proof.log"; then
    say "this machine does not show the false report (the tasks did not meet): $program"
  else
    grep -q 'ThreadSanitizer: .*race' "$work/proof.log" || die "the proof failed for another reason: $work/proof.log"
  fi
  LD_PRELOAD=$library "$program" >/dev/null 2>"$work/proof.log" || die "Mutex is still reported: $work/proof.log"
  ! LD_PRELOAD=$library "$program" race >/dev/null 2>"$work/proof.log" || die "a real race is no longer reported"
  say "Mutex is told to ThreadSanitizer; a real race is still reported"
}

if [[ $kind == thread && $(uname -s) == Linux ]]; then
  clang -O1 -g -fPIC -shared scripts/sanitize/mutex.c -o "$work/mutex.so" -ldl
  prove "$PWD/$work/mutex.so"
  run=(env "LD_PRELOAD=$PWD/$work/mutex.so")
fi
[[ ${SANITIZE_PROOF_ONLY:-} ]] && exit 0
flags=(--scratch-path "$work" "--sanitize=$kind" -Xswiftc -use-ld=lld)
swift build "${flags[@]}" --build-tests >&2
"${run[@]}" swift test "${flags[@]}" --skip-build --disable-xctest "$@" 2>&1 | tee "$work/test.log"
! grep -q 'WARNING: ThreadSanitizer\|ERROR: AddressSanitizer' "$work/test.log" || die "reports in $work/test.log"
