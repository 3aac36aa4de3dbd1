#!/usr/bin/env bash
# Lints and renders the Helm chart with Helm's own engine (its SDK from PyPI) over a matrix of values.
# The manifests are left in .build-tools/chart; with KUBECONFIG set, a real API server judges them, too.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

python=$(venv helm helm-python-sdk==0.2.2)/bin/python
rm -rf "$tools/chart"
chart() { "$python" scripts/chart.py deploy/helm/kube-mind-observer "$tools/chart" "$@"; }
if [[ ! ${KUBECONFIG:-} ]]; then
  chart
  exit
fi
need kubectl kubectl
# A dry run needs the namespaces to be there; those that this script makes go again.
made=()
trap '((${#made[@]} == 0)) || kubectl delete namespace --wait=false "${made[@]}" >/dev/null' EXIT
for namespace in observability shop billing; do
  kubectl get namespace "$namespace" >/dev/null 2>&1 || {
    kubectl create namespace "$namespace" >/dev/null
    made+=("$namespace")
  }
done
chart "$KUBECONFIG"
for file in "$tools"/chart/*.yaml; do
  kubectl apply --dry-run=server -f "$file" >"$tools/chart/dry-run.log" 2>&1 || {
    cat "$tools/chart/dry-run.log" >&2
    die "the API server refuses $file"
  }
done
say "the API server $(kubectl version -o json | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p' | tail -n 1) accepts all of them"
