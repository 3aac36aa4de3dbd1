#!/usr/bin/env bash
# Scores the release binary's redaction against a corpus of planted secrets, where one lies beside this repository. Fails when
# anything leaks, is withheld or does not parse any more. The time limit is part of the test: input must never be able to
# keep redaction busy for ever.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

corpus=${KUBE_MIND_CORPUS:-../shared/corpus/redaction}
if [[ ! -r $corpus/score.py ]]; then
  say "skipped: no corpus at $corpus (KUBE_MIND_CORPUS)"
  exit 0
fi
[[ -x dist/kube-mind ]] || die "no dist/kube-mind; run make release"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
# The corpus's folders without the lists of its answers, which hold each secret bare. All files are one incident.
cp -r "$corpus"/A/*/ "$work/in"
from=$EPOCHREALTIME
timeout 120 dist/kube-mind redact --out "$work/out" "$work/in" ||
  die "redaction withheld something, failed, or did not end (status $?)"
took=$(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
timeout 300 python3 "$corpus/score.py" --corpus "$corpus/A" --show 5 --out "$work/out" | tee "$work/score" ||
  die "secrets leaked"
# What is withheld cannot leak: without this, a redactor that refuses everything would score best.
grep -q 'do not parse 0, keys changed 0, nested JSON broken 0; withheld files 0$' "$work/score" ||
  die "files are missing, or documents broke"
say "$(find "$work/out" -type f | wc -l) files redacted in $took ms"
