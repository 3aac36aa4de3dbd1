#!/usr/bin/env bash
# The tests under ThreadSanitizer or AddressSanitizer, in a build folder of their own (some twenty minutes on two cores, 5 GB).
#   scripts/sanitize.sh thread|address [TARGET…]
# One test target after the other: under a sanitizer all is many times slower, and what runs at once would run into its time limits.
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
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(find Tests -type d -name '*Tests' -printf '%f\n' | sort)

# The runtimes end a program with these statuses after a report.
# Reports go to files, for the processes that tests start have a standard error that nobody looks at.
# For Package.swift, which optimizes the scanning core then, and for tests of what a sanitizer's runtime does itself.
export KUBE_MIND_SANITIZER=$kind
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 second_deadlock_stack=1 log_path=$PWD/$work/report"
# Leaks are not looked for: Swift's runtime keeps its metadata for ever, on purpose.
export ASAN_OPTIONS="detect_leaks=0 exitcode=66 log_path=$PWD/$work/report"

prove() {
  local library=$1 program=$work/proof
  swiftc -parse-as-library -g -sanitize=thread scripts/sanitize/proof.swift -o "$program"
  # Its reports are looked for on standard error.
  local TSAN_OPTIONS="exitcode=66"
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
failed=0
for target in "${targets[@]}"; do
  rm -f "$work"/report.*
  from=$SECONDS status=0
  timeout --kill-after=60 2400 "${run[@]}" swift test "${flags[@]}" --skip-build --disable-xctest --filter "^$target\\." >"$work/$target.log" 2>&1 || status=$?
  count=$(sed -n 's/.*Test run with \([0-9]*\) tests\{0,1\} .*/\1/p' "$work/$target.log")
  reports=$(find "$work" -maxdepth 1 -name 'report.*' | wc -l)
  say "$kind: $target: ${count:-no} tests in $((SECONDS - from)) s, $reports reports, exit status $status"
  if ((status != 0 || reports > 0 || ${count:-0} == 0)); then
    failed=1
    mkdir -p "$work/$target"
    find "$work" -maxdepth 1 -name 'report.*' -exec mv {} "$work/$target/" \;
    grep '✘' "$work/$target.log" | head -n 20 >&2
  fi
done
((failed == 0)) || die "logs are in $work/TARGET.log, reports in $work/TARGET"
