#!/usr/bin/env bash
# Makes what a release consists of, in dist/:
#   kube-mind-VERSION.tar.gz              the sources, from which the formula builds
#   kube-mind-VERSION-linux-ARCH.tar.gz   the program with manual, completions, licences and bill of materials
#   kube-mind-observer-VERSION.tgz        the chart
#   kube-mind-image.tar                   the image, of this architecture
#   kube-mind.cdx.json                    the bill of materials (CycloneDX)
#   kube-mind.rb, mind.yaml               the formula, and the manifest of the kubectl plugin for krew
#   SHA256SUMS, BUILD
# The version comes from Sources/CLI/Version.swift; chart, formula and manifest must agree with it. The same commit, built in the same
# folder with the same compiler and packages, gives the same bytes: BUILD names them, with the hash. With --if-committed (CI): nothing
# is made, and nothing fails, where there are changes that are not committed.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

version=$(version)
commit=$(commit)
arch=$(dpkg --print-architecture)
if ! changes=$(git status --porcelain 2>&1) || [[ $changes ]]; then
  [[ ${1:-} != --if-committed ]] || {
    say "skipped: there are changes that are not committed, or this is no checkout"
    exit 0
  }
  die "a release is made from a commit: there are changes that are not committed, or this is no checkout"
fi
for file in dist/kube-mind dist/kube-mind-image.tar dist/kube-mind.cdx.json; do
  [[ -e $file ]] || die "no $file; run make image"
done
[[ $(dist/kube-mind --version) == *"kube-mind $version"*"$commit"* ]] ||
  die "dist/kube-mind is not of this commit ($commit); run make image"
python=$(venv helm helm-python-sdk==0.2.2)/bin/python
helm() { "$python" scripts/helm.py "$@"; }
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# Neither names nor times of this machine, and the files in one order: only the content decides.
pack() { # pack ARCHIVE FOLDER NAME
  tar --create --format=gnu --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --owner=0 --group=0 --numeric-owner \
    --mode='u+w,go=u-w' --directory "$2" "$3" | gzip -9n >"dist/$1"
}

source=kube-mind-$version.tar.gz
git archive --format=tar --prefix="kube-mind-$version/" HEAD | gzip -9n >"dist/$source"
sha256=$(sha256sum "dist/$source" | cut -d' ' -f1)
sed "s|^  # release: url and sha256\$|  url \"https://kube-mind.dev/releases/$source\"\n  sha256 \"$sha256\"|" Formula/kube-mind.rb |
  sed '/^# Builds kube-mind/,/^# sha256/c# Builds kube-mind from the source archive of a release.' >dist/kube-mind.rb
! grep -q 'release: url' dist/kube-mind.rb || die "Formula/kube-mind.rb has lost the line that the release replaces"
ruby -wc dist/kube-mind.rb >/dev/null || die "the release's formula is no Ruby"

binary=kube-mind-$version-linux-$arch.tar.gz
root=$stage/kube-mind-$version
install -D -m 755 dist/kube-mind "$root/bin/kube-mind"
install -D -m 755 deploy/krew/kubectl_complete-mind "$root/bin/kubectl_complete-mind"
install -D -m 644 -t "$root/share/man/man1" man/*.1
install -D -m 644 completions/kube-mind.bash "$root/share/bash-completion/completions/kube-mind"
install -D -m 644 completions/_kube-mind "$root/share/zsh/site-functions/_kube-mind"
install -D -m 644 completions/kube-mind.fish "$root/share/fish/vendor_completions.d/kube-mind.fish"
install -D -m 644 -t "$root" LICENSE README.md CHANGELOG.md SECURITY.md dist/kube-mind.cdx.json
install -D -m 644 "$tools/rootfs/usr/share/doc/kube-mind/third-party-licences.txt" "$root/third-party-licences.txt"
pack "$binary" "$stage" "kube-mind-$version"

chart=kube-mind-observer-$version.tgz
grep -qx "version: $version" deploy/helm/kube-mind-observer/Chart.yaml || die "Chart.yaml is not of version $version"
cp -r deploy/helm/kube-mind-observer "$stage/"
pack "$chart" "$stage" kube-mind-observer
# What helm makes of the package is what it makes of the folder.
helm template mind "dist/$chart" --set orchestrator.url=https://brain.example:8443 >"$stage/packed"
helm template mind deploy/helm/kube-mind-observer --set orchestrator.url=https://brain.example:8443 | diff - "$stage/packed" >/dev/null ||
  die "the chart's package gives other manifests than its folder"

sed -e "s|^  version: .*|  version: v$version|; s|releases/archive\$|releases/$binary|; s|arch: amd64|arch: $arch|" \
  -e "s|sha256: checksum|sha256: $(sha256sum "dist/$binary" | cut -d' ' -f1)|" deploy/krew/mind.yaml |
  sed '/^# kube-mind as a plugin/,/^# the archive/c# kube-mind as a plugin of kubectl, for krew (https://krew.sigs.k8s.io).' >dist/mind.yaml
"$python" scripts/krew.py deploy/krew/mind.yaml
"$python" scripts/krew.py dist/mind.yaml "dist/$binary"

# As somebody who downloads it has it.
mkdir "$stage/try"
tar -xzf "dist/$binary" -C "$stage/try"
[[ $("$stage/try/kube-mind-$version/bin/kube-mind" --version) == *"$commit"* ]] || die "the packed program does not say its commit"
ln -s kube-mind "$stage/try/kube-mind-$version/bin/kubectl-mind"
PATH=$stage/try/kube-mind-$version/bin:$PATH kubectl_complete-mind harv | grep -qx harvest || die "the plugin does not complete"

{
  printf 'version %s\ncommit %s\nswift %s\n' "$version" "$commit" "$(swift_version)"
  printf 'binary sha256 %s, built in %s\n' "$(sha256sum dist/kube-mind | cut -d' ' -f1)" "$PWD"
  printf 'packages'
  dpkg-query -W -f=' ${Package}=${Version}' libcurl4-openssl-dev libnghttp2-dev libssl-dev libre2-dev libyaml-dev zlib1g-dev libc6
  printf '\n'
} >dist/BUILD
(cd dist && sha256sum "$source" "$binary" "$chart" kube-mind-image.tar kube-mind.cdx.json kube-mind.rb mind.yaml BUILD >SHA256SUMS && cat SHA256SUMS)
