#!/usr/bin/env bash
# Feeds outbox and delivery with incidents while the orchestrator is killed, stopped, slowed and cut, and the sensor is killed:
# nothing may be lost, come with other bytes, or in another order within a pod; memory stays below 64 MiB.
#   scripts/chaos.sh [--incidents 5000] [--seed 1] [--rate 80] [--outage SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
swift build "${release_flags[@]}" --product kube-mind-chaos >&2
exec "$(swift build "${release_flags[@]}" --show-bin-path)/kube-mind-chaos" run "$@"
