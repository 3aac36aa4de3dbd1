#!/usr/bin/env bash
# Makes a release's source archive and its formula: dist/kube-mind-VERSION.tar.gz, dist/kube-mind.rb, checksums.
# The same commit gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

version=$(version)
[[ -z $(git status --porcelain) ]] || die "there are changes that are not committed; a release is made from a commit"
mkdir -p dist
archive=kube-mind-$version.tar.gz
# gzip writes no name and no time, so that only the content decides.
git archive --format=tar --prefix="kube-mind-$version/" HEAD | gzip -9n >"dist/$archive"
sha256=$(sha256sum "dist/$archive" | cut -d' ' -f1)
sed "s|^  # release: url and sha256\$|  url \"https://kube-mind.dev/releases/$archive\"\n  sha256 \"$sha256\"|" Formula/kube-mind.rb |
  sed '/^# Builds kube-mind/,/^# sha256/c# Builds kube-mind from the source archive of a release.' >dist/kube-mind.rb
! grep -q 'release: url' dist/kube-mind.rb || die "Formula/kube-mind.rb has lost the line that the release replaces"
(cd dist && sha256sum "$archive" kube-mind.rb >SHA256SUMS && cat SHA256SUMS)
