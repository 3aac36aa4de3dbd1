#!/usr/bin/env bash
# Assembles the container image's tree without a container engine, runs the program in it as the image's user, and holds
# it to its limits. Leaves the image as an archive at dist/kube-mind-image.tar (docker load, ctr images import).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

tree_limit=40000000   # bytes of all files: what a node pulls and keeps
binary_limit=26000000 # bytes; full Foundation with ICU alone would be 40 MB more
# What may be in the image. Another library is a decision (size, patches, attack surface), not an accident: Debian's own
# libcurl would bring 29.
case $(uname -m) in
  aarch64) loader=/lib/ld-linux-aarch64.so.1 ;;
  *) loader=/lib64/ld-linux-x86-64.so.2 ;;
esac
libraries=(
  "${loader##*/}" libc.so.6 libcrypto.so.3 libcurl.so.4 libgcc_s.so.1 libm.so.6 libnghttp2.so.14 libre2.so.9
  libssl.so.3 libstdc++.so.6 libyaml-0.so.2 libz.so.1
)
uid=65532

root=$tools/rootfs
scripts/rootfs.sh "$root" dist/kube-mind

failed=0
complain() {
  printf 'error: %s\n' "$*" >&2
  failed=1
}
# With /proc, as every container runtime gives it: Swift reads the command line from there.
inside() {
  # shellcheck disable=SC2016 # for the inner shell
  as_root unshare --mount --pid --fork sh -c '
    root=$1 user=$2; shift 2
    mount -t proc proc "$root/proc" && exec chroot --userspec="$user" "$root" "$@"' - "$root" $uid:$uid "$@"
}

binary=$(wc -c <dist/kube-mind)
tree=$(find "$root" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
say "binary $binary of $binary_limit bytes, tree $tree of $tree_limit bytes"
((binary < binary_limit)) || complain "the binary is too large"
((tree < tree_limit)) || complain "the tree is too large; its largest files: $(find "$root" -type f -printf '%s %P\n' | sort -rn | head -n 5 | tr '\n' ';')"
! grep -qa _FoundationICU dist/kube-mind || complain "the binary holds _FoundationICU: something imports full Foundation"

! grep -qa KUBE_MIND_TEST_FAULT dist/kube-mind || complain "the binary has the tests' fault switch of redaction: it is no release build"

while read -r library; do
  [[ " ${libraries[*]} " == *" $library "* ]] || complain "$library is new in the image; is it needed?"
done < <(find "$root" -name '*.so*' -printf '%f\n' | sort)
[[ $(find "$root" -type f -perm /6000 | wc -l) == 0 ]] || complain "setuid files in the image"

unresolved=$(inside "$loader" --list /usr/local/bin/kube-mind 2>&1 | grep -E 'not found|error' || true)
[[ -z $unresolved ]] || complain "libraries do not resolve in the image: $unresolved"
said=$(inside /usr/local/bin/kube-mind --version 2>&1) || complain "kube-mind --version fails in the tree"
[[ $said == *"$(version)"* ]] || complain "kube-mind --version says in the tree: $said"
say "runs as $uid in the tree: ${said%%$'\n'*}"
masked=$(printf 'password: correct-horse-battery\n' | inside /usr/local/bin/kube-mind redact --name app.yaml - 2>&1) || true
[[ $masked == *'[REDACTED]'* && $masked != *correct-horse* ]] || complain "redact does not mask in the tree: $masked"
# All of the program on the image's libraries: lists and watches over libcurl, HTTP/2 and nghttp2, YAML, redaction.
simulated=$(inside /usr/local/bin/kube-mind watch --simulate 2>&1) || complain "watch --simulate fails in the tree: $simulated"
say "watch --simulate in the tree: ${simulated##*$'\n'}"

# A fix that Debian has published and that this image is without. It is told and fails nothing: a build that did not change must not
# begin to fail because the archive goes on; whoever releases looks at this line.
outdated=() packages=0
for file in "$root"/var/lib/dpkg/status.d/*; do
  package=$(sed -n 's/^Package: //p' "$file") has=$(sed -n 's/^Version: //p' "$file")
  newest=$(apt-cache policy "$package" 2>/dev/null | sed -n 's/^  Candidate: //p')
  [[ $newest && $newest != '(none)' ]] || continue
  packages=$((packages + 1))
  ! dpkg --compare-versions "$has" lt "$newest" || outdated+=("$package $has (there is $newest)")
done
if ((packages == 0)); then
  say "there are no lists of Debian's archive here to compare the packages with"
elif ((${#outdated[@]})); then
  printf 'warning: not the newest of the archive, security updates included: %s\n' "${outdated[@]}" >&2
else
  say "$packages Debian packages, each the newest of the archive, security updates included"
fi

python3 scripts/image_archive.py "$root" Dockerfile "${IMAGE:-kube-mind:$(version)}" dist/kube-mind-image.tar \
  "VERSION=$(version)" "COMMIT=$(commit)"
exit "$failed"
