#!/usr/bin/env bash
# Writes man pages, shell completions and the references in docs/ anew from the program, and tries the completions. With --check: fails
# if what is committed differs.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

flags=(-Xswiftc -use-ld=lld)
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --product kube-mind >&2
program=$(swift build "${flags[@]}" --show-bin-path)/kube-mind

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/man" "$out/completions" "$out/docs"
"$program" --experimental-dump-help >"$out/tool-info.json"
python3 scripts/man.py "$out/man" <"$out/tool-info.json"
# Each under the name by which its shell finds it.
"$program" --generate-completion-script bash >"$out/completions/kube-mind.bash"
"$program" --generate-completion-script zsh >"$out/completions/_kube-mind"
"$program" --generate-completion-script fish >"$out/completions/kube-mind.fish"

for page in metrics configuration; do "$program" reference "$page" >"$out/docs/$page.md"; done

if command -v mandoc >/dev/null; then
  mandoc -T lint -W error "$out"/man/*.1 || die "the man pages have errors"
fi
# Somebody presses TAB in each shell that is here; CI has all three.
shells=()
for shell in bash zsh fish; do command -v $shell >/dev/null && shells+=("$shell"); done
python3 scripts/completions.py "$program" "$out/completions" "${shells[@]}" || die "the completions do not offer what they should"

if [[ ${1:-} == --check ]]; then
  for folder in man completions; do
    diff -ru --exclude=sections "$folder" "$out/$folder" || die "$folder/ is not what the parser gives; run 'make docs' and commit the result"
  done
  for page in "$out"/docs/*; do
    diff -u "docs/${page##*/}" "$page" || die "docs/${page##*/} is not what the program gives; run 'make docs' and commit the result"
  done
else
  for folder in man completions; do
    mkdir -p "$folder"
    find "$folder" -maxdepth 1 -type f -delete
    cp "$out/$folder"/* "$folder/"
  done
  cp "$out"/docs/* docs/
fi
say "$(find "$out/man" -name '*.1' | wc -l) man pages, completions for bash, zsh and fish"
