#!/usr/bin/env bash
# Lints and renders the Helm chart with Helm's own engine (its SDK from PyPI) over a matrix of values, and has the program
# read each configuration that comes out. The manifests are left in .build-tools/chart; with KUBECONFIG set, a real API
# server judges them, too.
#
# deploy/kustomize/base is made from the chart: --write-kustomize does that, else it is compared. deploy/argocd is checked
# against the chart.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

need openssl openssl
python=$(venv helm helm-python-sdk==0.2.2)/bin/python
if [[ ${1:-} == --write-kustomize ]]; then
  "$python" scripts/chart.py --kustomize deploy/helm/kube-mind-observer deploy/kustomize/base
  exit
fi
rm -rf "$tools/chart"
mkdir -p "$tools/chart/kustomize"
"$python" scripts/chart.py --kustomize deploy/helm/kube-mind-observer "$tools/chart/kustomize"
for file in manifests.yaml config.yaml; do
  diff -u "deploy/kustomize/base/$file" "$tools/chart/kustomize/$file" ||
    die "deploy/kustomize/base/$file is not what the chart gives; run 'make kustomize' and commit the result"
done
rm -r "$tools/chart/kustomize"
"$python" scripts/chart.py --argocd deploy/helm/kube-mind-observer deploy/argocd
chart() { "$python" scripts/chart.py deploy/helm/kube-mind-observer "$tools/chart" "$@"; }

flags=(-Xswiftc -use-ld=lld)
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --product kube-mind >&2
program=$(swift build "${flags[@]}" --show-bin-path)/kube-mind
# The program's own reader is the judge: it gets past a good file, and then ends because the kubeconfig is not there. The
# environment is empty, for variables are stronger than the file.
reader() { env -i "$program" watch --config "$1" --kubeconfig "$tools/chart/absent" 2>&1; }
check_configurations() {
  local file said count=0 tls=$tools/chart/tls
  # It reads the certificates, too: those of a test stand where the pod has the Secret.
  scripts/test-certificates.sh "$tls"
  cp "$tls/authority.pem" "$tls/ca.crt"
  cp "$tls/client.pem" "$tls/tls.crt"
  cp "$tls/client.key" "$tls/tls.key"
  # Where the pod has its volume, a folder of this check stands.
  sed -i -e "s#/etc/kube-mind/tls/#$tls/#" -e "s#/var/lib/kube-mind#$tools/chart/state#" "$tools"/chart/config/*.yaml
  mkdir -p "$tools/chart/state"
  for file in "$tools"/chart/config/*.yaml; do
    said=$(reader "$file") && die "watch runs without a cluster"
    [[ $said == *"$tools/chart/absent"* ]] || die "the program refuses the configuration $file: $said"
    count=$((count + 1))
  done
  printf 'nonsense: true\n' | cat "$tools/chart/config/default.yaml" - >"$tools/chart/unknown"
  said=$(reader "$tools/chart/unknown") || true
  [[ $said == *nonsense* ]] || die "the program does not name an unknown setting: $said"
  say "the program takes all $count configurations"
}
if [[ ! ${KUBECONFIG:-} ]]; then
  chart
  check_configurations
  exit
fi
need kubectl kubectl
# A dry run needs the namespaces to be there; those that this script makes go again.
made=()
kinds=()
cleanup() {
  ((${#made[@]} == 0)) || kubectl delete namespace --wait=false "${made[@]}" >/dev/null
  ((${#kinds[@]} == 0)) || kubectl delete --wait=false "${kinds[@]}" >/dev/null
}
trap cleanup EXIT
# The kinds of other operators, as far as a dry run needs them. What the cluster has is used, and never deleted.
mapfile -t wanted < <(sed -n 's/^  name: //p' scripts/cluster/crds.yaml)
for kind in "${wanted[@]}"; do
  kubectl get crd "$kind" >/dev/null 2>&1 && continue
  awk -v RS='---\n' -v name="name: $kind\n" 'index($0, name)' scripts/cluster/crds.yaml | kubectl create -f - >/dev/null
  kinds+=("crd/$kind")
done
kubectl wait --for condition=established --timeout=300s -f scripts/cluster/crds.yaml >/dev/null
for namespace in observability shop billing kube-mind; do
  kubectl get namespace "$namespace" >/dev/null 2>&1 || {
    kubectl create namespace "$namespace" >/dev/null
    made+=("$namespace")
  }
done
chart "$KUBECONFIG"
check_configurations
kubectl kustomize deploy/kustomize/base >"$tools/chart/kustomize-base.yaml"
kubectl kustomize deploy/kustomize/example >"$tools/chart/kustomize-example.yaml"
# The base is for Kubernetes 1.21 and later, where Helm looks at the server: an older one is asked about everything but that version.
kubectl get --raw /apis/policy/v1 >/dev/null 2>&1 || sed -i 's#^apiVersion: policy/v1$#apiVersion: policy/v1beta1#' "$tools"/chart/kustomize-*.yaml
for file in "$tools"/chart/*.yaml; do
  kubectl apply --dry-run=server -f "$file" >"$tools/chart/dry-run.log" 2>&1 || {
    cat "$tools/chart/dry-run.log" >&2
    die "the API server refuses $file"
  }
done
say "the API server $(kubectl version -o json | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p' | tail -n 1) accepts all of them"
