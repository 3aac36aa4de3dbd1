#!/usr/bin/env bash
# Builds the release binary and leaves it, stripped, at dist/kube-mind. The Makefile, the image and the formula call this.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

flags=(-c release --product kube-mind)
if [[ $(uname -s) == Linux ]]; then
  flags+=(
    --static-swift-stdlib      # no Swift runtime to install beside it
    -Xswiftc -use-ld=lld       # the flag of every build here, so that none makes another one start anew
    -Xlinker --no-export-dynamic # nothing loads this program as a library
    -Xlinker --gc-sections -Xlinker --icf=safe # what nothing reaches goes, what is twice there stays once
    # Relative relocations packed: 1 MB less. lld's own --pack-dyn-relocs=relr also builds, and then fails to start:
    # glibc wants the version marker that only this spelling adds.
    -Xlinker -z -Xlinker pack-relative-relocs
    -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$PWD/scripts/release.ld" # no tables for unwinding: 4 MB less
  )
fi
swift build "${flags[@]}" "$@" >&2
built=$(swift build "${flags[@]}" "$@" --show-bin-path)/kube-mind

mkdir -p dist
# Written beside and renamed: a program that runs from dist/ keeps its file.
strip=$(dirname "$(command -v swift)")/llvm-objcopy
if [[ -x $strip ]]; then
  "$strip" --strip-all "$built" dist/kube-mind.new
else
  cp "$built" dist/kube-mind.new
  strip dist/kube-mind.new
fi
mv -f dist/kube-mind.new dist/kube-mind
say "dist/kube-mind, $(wc -c <dist/kube-mind) bytes"
