#!/usr/bin/env bash
# Scores the release binary's redaction against a corpus of planted secrets, where one lies beside this repository. Fails when
# anything leaks. The time limit is part of the test: input must never be able to keep redaction busy for ever.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

corpus=${KUBE_MIND_CORPUS:-../shared/corpus/redaction}
if [[ ! -r $corpus/score.py ]]; then
  say "skipped: no corpus at $corpus (KUBE_MIND_CORPUS)"
  exit 0
fi
[[ -x dist/kube-mind ]] || die "no dist/kube-mind; run make release"
timeout 300 python3 "$corpus/score.py" --corpus "$corpus/A" --show 5 \
  --dir-cmd "timeout 120 dist/kube-mind redact --out {out} {in}" ||
  die "secrets leaked, or redaction did not end"
