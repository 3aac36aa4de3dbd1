#!/usr/bin/env bash
# From nothing to an incident: runs the commands of docs/install.md, word for word, in a real cluster of one node, and then holds the
# installation to what was promised. Needs ../shared/cluster, root, and dist/kube-mind-image.tar (make image); without the
# cluster nothing is tested, and the last line says so.
#
# The node has no kube-proxy and no DNS: scripts/cluster/services.py stands in for both, so that the commands need no change. Its
# network ignores NetworkPolicies: that they close what they should is not tested here.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

skip() {
  say "skipped: $*"
  exit 0
}
[[ -r ../shared/cluster/cluster.sh ]] || skip "there is no ../shared/cluster"
[[ -e dist/kube-mind-image.tar ]] || die "no dist/kube-mind-image.tar; run make image"
need kubectl kubectl

home=${KMO_CLUSTER_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/kube-mind-cluster}
work=$(mktemp -d)
export KUBECONFIG=$home/admin.kubeconfig
python=$(venv helm helm-python-sdk==0.2.2)/bin/python
version=$(version)
account=system:serviceaccount:kube-mind:kube-mind-observer
cleanups=()
cleanup() {
  local at
  for ((at = ${#cleanups[@]} - 1; at >= 0; at--)); do ${cleanups[at]} >/dev/null 2>&1 || true; done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

cluster() { bash ../shared/cluster/cluster.sh "$@" >>"$work/cluster.log" 2>&1; }
containerd() { "$home/root/usr/bin/ctr" -a "$home/run/containerd.sock" -n k8s.io "$@"; }
# What the documentation calls by its name.
helm() { "$python" scripts/helm.py "$@"; }
kube-mind() { dist/kube-mind "$@"; }
ctr() { containerd "${@:3}"; } # its "-n k8s.io" is said above
stage() { printf '\n--- %s (%d s)\n' "$1" "$SECONDS"; }

wait_until() { # wait_until SECONDS WHAT COMMAND…
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < until)) || die "timed out waiting for $what"
    sleep 0.5
  done
}

# The commands of a block of the documentation, as they stand there.
documented() { # documented NAME
  local commands
  commands=$(python3 scripts/doc_commands.py --block "cluster: $1" docs/*.md)
  [[ $commands ]] || die "the documentation has no commands for '$1'"
  stage "$1"
  # Echoed, for whoever reads the log; the folder is the repository's, as the page says.
  set -x
  eval "$commands"
  { set +x; } 2>/dev/null
}

if ! kubectl get --raw /readyz >/dev/null 2>&1; then
  cluster build || { tail -n 20 "$work/cluster.log" >&2; die "the cluster cannot be built"; }
  take_down() { cluster down; }
  cleanups+=(take_down)
  cluster up || skip "no node on this machine: $(tail -n 1 "$work/cluster.log")"
fi
[[ $(kubectl get nodes --no-headers 2>/dev/null | wc -l) -gt 0 ]] || skip "the cluster has no node"

stage "the chart's cases, by this API server"
scripts/chart.sh

# Until they are gone: a namespace that still ends would be in the way of whoever uses the cluster next.
remove_all() {
  helm uninstall kube-mind-observer --namespace kube-mind
  rm -rf certificates
  kubectl delete namespace kube-mind brain kube-mind-try --ignore-not-found --timeout=120s
}
# What a run before this one may have left, and what the cluster itself puts where the documentation makes its own.
remove_all >/dev/null 2>&1 || true
python3 scripts/cluster/services.py "$KUBECONFIG" kmo0 16443 &
services=$!
end_services() { kill "$services" && wait "$services"; }
cleanups+=(end_services remove_all)

stage "the image"
containerd images import dist/kube-mind-image.tar
grep -q "kube-mind:$version\$" < <(containerd images ls -q) || die "the image archive holds no kube-mind:$version"
containerd images tag --force docker.io/local/busybox:1.35 docker.io/library/busybox:1.36 >/dev/null

documented "an orchestrator"
documented "install"
documented "an incident"

documented "harvest"
documented "look"

stage "the account's rights are the promise, to the letter"
# One line for each: resource, name, verbs. What every account may (itself, discovery) is taken off by asking for one without rights.
rights() { kubectl auth can-i --list --namespace kube-mind --as "$1" --no-headers | sed 's/  */ /g' | sort; }
kubectl -n kube-mind create serviceaccount nobody >/dev/null
rights "$account" >"$work/rights"
rights system:serviceaccount:kube-mind:nobody >"$work/everyone"
comm -23 "$work/rights" "$work/everyone" >"$work/own"
cat >"$work/promised" <<'END'
configmaps [] [] [get list watch]
deployments.apps [] [] [get list watch]
events [] [] [get list watch]
leases.coordination.k8s.io [] [kube-mind-observer] [get update]
pods [] [] [get list watch]
pods/log [] [] [get list watch]
replicasets.apps [] [] [get list watch]
END
diff -u "$work/promised" "$work/own" || die "the account's rights are not the promised ones"
for refused in "get secrets" "list secrets" "create pods" "delete pods" "create pods/exec" "update leases/another" "patch deployments.apps" \
  "impersonate users" "escalate roles.rbac.authorization.k8s.io"; do
  read -r verb resource <<<"$refused"
  ! kubectl auth can-i "$verb" "$resource" --namespace kube-mind --as "$account" >/dev/null 2>&1 || die "the account may $refused"
done
say "$(wc -l <"$work/own") rules, none besides"

stage "limits and confinement as they are in the running container"
leader() { kubectl -n kube-mind get lease kube-mind-observer -o 'jsonpath={.spec.holderIdentity}' | sed 's/_.*//'; }
for pod in $(kubectl -n kube-mind get pods -l app.kubernetes.io/name=kube-mind-observer -o 'jsonpath={.items[*].metadata.uid}'); do
  folder=$(find /sys/fs/cgroup/memory/kubepods -maxdepth 2 -name "pod$pod" 2>/dev/null | head -n 1)
  [[ $folder ]] || continue
  [[ $(cat "$folder/memory.limit_in_bytes") == $((128 << 20)) ]] || die "the memory limit of the pod is not 128 MiB"
  [[ $(cat "${folder/memory/cpu}/cpu.cfs_quota_us") == 25000 ]] || die "the CPU limit of the pod is not 250m"
  say "memory charged at most $(($(cat "$folder/memory.max_usage_in_bytes") / 1024)) KiB of 131072 KiB"
done

documented "rights"
documented "hand-over"
new=$(leader)
[[ $new ]] || die "nobody leads after the hand-over"
stage "the new leader tells of a new failure"
kubectl -n kube-mind-try scale deployment hello --replicas=0
kubectl -n kube-mind-try create deployment after-hand-over --image=registry.invalid/not-there:1
told() { kubectl -n brain logs deployment/brain | grep "kube-mind-try/after-hand-over-"; }
wait_until 90 "the new leader's incident" told
grep -q 'Pod after-hand-over-.* entered ImagePullBackOff' < <(kubectl -n kube-mind logs "$new") || die "it was not the new leader that told"
[[ $(kubectl -n kube-mind logs "$new" | grep -c correct-horse) == 0 ]] || die "the planted password is in the log"
restarts=$(kubectl -n kube-mind get pods -o 'jsonpath={.items[*].status.containerStatuses[*].restartCount}')
[[ $restarts =~ ^[0\ ]+$ ]] || die "a container was restarted: $restarts"

documented "upgrade"
documented "remove"
left=$(kubectl get clusterroles,clusterrolebindings -o name | grep kube-mind-observer | grep -v 'kube-mind-observer$' || true)
[[ -z $left ]] || die "it left $left"
say "from nothing to an incident, a hand-over, an upgrade and the removal in $SECONDS s"
