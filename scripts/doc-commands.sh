#!/usr/bin/env bash
# Runs the commands of README.md and docs that need no cluster, compares what they print with what stands there, and sees that every
# other block of commands says how it is tested. scripts/doc_commands.py has the rules.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

flags=(-Xswiftc -use-ld=lld)
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --product kube-mind >&2
program=$(swift build "${flags[@]}" --show-bin-path)/kube-mind
python3 scripts/doc_commands.py --run "$program" README.md CONTRIBUTING.md docs/*.md
