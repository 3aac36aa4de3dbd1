#!/usr/bin/env bash
# Has a real Prometheus scrape `kube-mind watch` while a simulated cluster fails, and asks it every query of the alerts and
# of the dashboard: each must give a series. promtool judges the text that is scraped and the rules. metrics.sh PICTURE.svg draws the
# dashboard, too.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

# Debian's own, unpacked and not installed: no service is to start.
prometheus() {
  local version folder
  version=$(apt-cache policy prometheus | sed -n 's/^  Candidate: //p')
  [[ $version && $version != '(none)' ]] || return 0
  folder=$tools/prometheus-${version//[^0-9A-Za-z.]/-}
  if [[ ! -x $folder/usr/bin/promtool ]]; then
    rm -rf "$tools"/prometheus*
    mkdir -p "$folder.new"
    (cd "$folder.new" && apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb) >&2
    mv "$folder.new" "$folder"
  fi
  printf '%s\n' "$folder/usr/bin"
}

bin=$(prometheus)
[[ $bin ]] || {
  say "skipped: apt has no prometheus here"
  exit 0
}
flags=(-Xswiftc -use-ld=lld)
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --product kube-mind >&2
program=$(swift build "${flags[@]}" --show-bin-path)/kube-mind
exec python3 scripts/metrics.py "$program" "$bin" "$@"
