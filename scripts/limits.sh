#!/usr/bin/env bash
# The sensor within the chart's limits, as real limits of a cgroup: 128 MiB and 250m. A cluster of 5,000 pods with 50 updates a
# second and an incident a second, for a minute. The sensor is `watch`, whole, with its outbox on disk; the simulated cluster and the
# mock orchestrator run beside it, without limits.
#
# Fails where p95 from the failed status being written to the incident's arrival is not below a second, where an incident is missing, or
# where the kernel killed anything. Latency is not judged on a machine that has other work for all its processors, for then it is that
# work which is measured; what it was is printed all the same.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

memory=$((128 << 20)) # bytes; values.yaml: resources.limits.memory
quota=25000           # microseconds of each 100,000; values.yaml: resources.limits.cpu 250m
promise=1000          # ms, p95
program=${1:-dist/kube-mind}
[[ -x $program ]] || die "no $program; run make release"
for limit in "cpu: 250m" "memory: 128Mi"; do
  grep -q "$limit" deploy/helm/kube-mind-observer/values.yaml || die "the chart's limits are not those that are tested here"
done

# The hierarchy of either version; systemd's machines mount the second one.
name=kube-mind-limits-$$
if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
  groups=("/sys/fs/cgroup/$name")
else
  groups=("/sys/fs/cgroup/memory/$name" "/sys/fs/cgroup/cpu/$name")
fi
mkdir "${groups[@]}" 2>/dev/null || {
  say "skipped: cgroups cannot be made on this machine"
  exit 0
}
read -r load _ </proc/loadavg
work=$(mktemp -d)
bench='' sensor=''
cleanup() {
  for child in $sensor $bench; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null; done
  rmdir "${groups[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
set_limit() { printf '%s\n' "$2" >"$1"; }
if ((${#groups[@]} == 1)); then
  set_limit "${groups[0]}/memory.max" $memory
  set_limit "${groups[0]}/memory.swap.max" 0 2>/dev/null || true
  set_limit "${groups[0]}/cpu.max" "$quota 100000"
else
  set_limit "${groups[0]}/memory.limit_in_bytes" $memory
  set_limit "${groups[1]}/cpu.cfs_period_us" 100000
  set_limit "${groups[1]}/cpu.cfs_quota_us" $quota
fi

"$program" bench pipeline --pods 5000 --failures 60 --interval 1000 --updates 50 --runs 1 --json --serve "$work" >"$work/result" &
bench=$!
until [[ -e $work/orchestrator ]]; do
  kill -0 $bench 2>/dev/null || die "the simulated cluster did not start"
  sleep 0.2
done
# A shell joins the groups and becomes the program, so that nothing of it runs outside.
# shellcheck disable=SC2016 # for the inner shell
bash -c 'program=$1 work=$2; shift 2
  for group in "$@"; do echo $$ >"$group/cgroup.procs"; done
  exec "$program" watch --kubeconfig "$work/kubeconfig" --orchestrator "$(cat "$work/orchestrator")" --outbox "$work/outbox" \
    --log-format json' - "$program" "$work" "${groups[@]}" >"$work/log" 2>&1 &
sensor=$!
wait $bench || die "not everything arrived; the sensor says: $(tail -n 3 "$work/log")"
cpu=$(awk '{ print $14 + $15 }' /proc/$sensor/stat 2>/dev/null) || die "the sensor was killed: $(tail -n 3 "$work/log")"
if ((${#groups[@]} == 1)); then
  used=$(cat "${groups[0]}/memory.peak" 2>/dev/null || echo 0)
  kills=$(awk '$1 == "oom_kill" { print $2 }' "${groups[0]}/memory.events")
  throttled=$(awk '$1 == "nr_throttled" { print $2 }' "${groups[0]}/cpu.stat")
else
  used=$(cat "${groups[0]}/memory.max_usage_in_bytes")
  kills=$(awk '$1 == "oom_kill" { print $2 }' "${groups[0]}/memory.oom_control")
  throttled=$(awk '$1 == "nr_throttled" { print $2 }' "${groups[1]}/cpu.stat")
fi
((kills == 0)) || die "the kernel killed $kills processes for their memory"
python3 - "$work/result" "$promise" "$used" "$throttled" "$cpu" "$(getconf CLK_TCK)" "$work/log" "$load" "$(nproc)" <<'END'
import json, sys
path, promise, used, throttled, cpu, ticks, log, load, processors = sys.argv[1:]
lines = [json.loads(line) for line in open(log) if line.startswith("{")]
own = sorted(float(l["latency_ms"]) for l in lines if l["message"] == "incident acknowledged")
results = {r["name"].rpartition(": ")[2]: r["median"] for r in json.load(open(path))["results"]}
print(f"within 128 MiB and 250m: p50 {results['p50']:.0f} ms, p95 {results['p95']:.0f} ms, max {results['max']:.0f} ms "
      f"(as the sensor sees it, from reading the status to the acknowledgement: p95 {own[int(len(own) * 0.95) - 1]:.0f} ms); "
      f"{int(used) / 1048576:.0f} MiB charged at most, {int(cpu) / int(ticks):.1f} s of CPU, {throttled} periods throttled, nothing killed")
if float(load) > float(processors):
    print(f"latency is not judged: the load was {load} on {processors} processors before it began")
else:
    sys.exit(results["p95"] >= float(promise))
END
