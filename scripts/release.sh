#!/usr/bin/env bash
# Builds the release binary and leaves it, stripped, at dist/kube-mind. The Makefile, the image and the formula call this.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

# Package.swift hands these on to the one target that says them.
KUBE_MIND_COMMIT=$(commit) KUBE_MIND_SWIFT=$(swift_version)
export KUBE_MIND_COMMIT KUBE_MIND_SWIFT
flags=("${release_flags[@]}" --product kube-mind)
swift build "${flags[@]}" "$@" >&2
built=$(swift build "${flags[@]}" "$@" --show-bin-path)/kube-mind

mkdir -p dist
# Written beside and renamed: a program that runs from dist/ keeps its file. The build id goes with the symbols: it is a hash of them as well,
# in an order that the compiler does not keep, and would be all that two builds of the same sources differ in.
strip=$(dirname "$(command -v swift)")/llvm-objcopy
if [[ -x $strip ]]; then
  "$strip" --strip-all --remove-section=.note.gnu.build-id "$built" dist/kube-mind.new
else
  cp "$built" dist/kube-mind.new
  strip --remove-section=.note.gnu.build-id dist/kube-mind.new
fi
mv -f dist/kube-mind.new dist/kube-mind
say "dist/kube-mind, $(wc -c <dist/kube-mind) bytes"
