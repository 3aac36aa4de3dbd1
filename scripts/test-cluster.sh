#!/usr/bin/env bash
# The end-to-end suite against a real API server, and real containers where there is a node. In this order:
#   KUBECONFIG           a cluster of yours in which a namespace may be made (KUBE_MIND_TEST_IMAGE: a busybox that it can pull)
#   KUBEBUILDER_ASSETS   a folder with etcd and kube-apiserver (and kube-controller-manager), started for the test
#   ../shared/cluster    a cluster that is built and started for the test
# Without any of them nothing is tested, and the last line says so.
#
# The program under test gets a ServiceAccount with the rights that the Helm chart grants, and no others.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

home=${XDG_CACHE_HOME:-$HOME/.cache}/kube-mind-cluster
work=$(mktemp -d)
namespace=kube-mind-e2e-$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' \n')
# Made up for this run, in a form that no rule knows by its look: only the places where it stands give it away.
secret=$(head -c 24 /dev/urandom | base64 | tr -dc 'a-zA-Z0-9' | head -c 20)
image=${KUBE_MIND_TEST_IMAGE:-busybox:1.36}
# Of the API server, where it is one that may be killed.
pidfile=
# What it is started with besides: an account of each request, so that tests can count them.
apiserver_arguments=("--audit-log-path=$work/audit.log" "--audit-policy-file=$work/audit-policy.yaml")
printf '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],"rules":[{"level":"Metadata"}]}\n' >"$work/audit-policy.yaml"
# Two authorities, and a certificate of each for a name of the API server's that nobody else asks for: a test puts the second in the
# first one's place, and the server goes over to it within a minute.
rotation=$work/rotation
rotating_name=api.rotation.test
# A candidate of client-go's own, for the election.
controller_manager=
cleanups=()

cleanup() {
  local at
  for ((at = ${#cleanups[@]} - 1; at >= 0; at--)); do ${cleanups[at]} || true; done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

skip() {
  say "skipped: $*"
  exit 0
}
admin() { kubectl --kubeconfig "$KUBECONFIG" --namespace "$namespace" "$@" 2> >(grep -v 'WARNING: version difference' >&2); }
stop() { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null; }
wait_until() { # wait_until SECONDS WHAT COMMAND…
  local tries=$(($1 * 5)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((tries-- > 0)) || die "timed out waiting for $what"
    sleep 0.2
  done
}

make_rotation() {
  local number
  need openssl openssl
  mkdir "$rotation"
  for number in 1 2; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=kube-mind-test-ca-$number" \
      -keyout "$rotation/ca-$number.key" -out "$rotation/ca-$number.crt" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$rotating_name" \
      -keyout "$rotation/server-$number.key" -out "$rotation/server.csr" 2>/dev/null
    openssl x509 -req -in "$rotation/server.csr" -CA "$rotation/ca-$number.crt" -CAkey "$rotation/ca-$number.key" -CAcreateserial \
      -days 2 -extfile <(printf 'subjectAltName=DNS:%s\n' "$rotating_name") -out "$rotation/server-$number.crt" 2>/dev/null
  done
  cp "$rotation/server-1.crt" "$rotation/server.crt"
  cp "$rotation/server-1.key" "$rotation/server.key"
  apiserver_arguments+=("--tls-sni-cert-key=$rotation/server.crt,$rotation/server.key:$rotating_name")
}

# etcd and an API server from controller-runtime's folder of assets, with certificates of our own.
start_assets() {
  local assets=$1 port etcd_port
  make_rotation
  read -r port etcd_port < <(python3 -c 'import socket
sockets = [socket.socket() for _ in range(2)]
[s.bind(("127.0.0.1", 0)) for s in sockets]
print(*[s.getsockname()[1] for s in sockets])')
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=kube-mind-test-ca \
    -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
  local name
  for name in "server /CN=kube-apiserver subjectAltName=IP:127.0.0.1" "admin /O=system:masters/CN=admin subjectAltName=DNS:admin"; do
    read -r name subject extension <<<"$name"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" \
      -keyout "$work/$name.key" -out "$work/$name.csr" 2>/dev/null
    openssl x509 -req -in "$work/$name.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
      -extfile <(printf '%s\n' "$extension") -out "$work/$name.crt" 2>/dev/null
  done
  openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
  "$assets/etcd" --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" \
    --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls http://127.0.0.1:0 --unsafe-no-fsync \
    >"$work/etcd.log" 2>&1 &
  cleanups+=("stop $!")
  "$assets/kube-apiserver" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$port" \
    --etcd-servers="http://127.0.0.1:$etcd_port" --client-ca-file="$work/ca.crt" \
    --tls-cert-file="$work/server.crt" --tls-private-key-file="$work/server.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$work/sa.key" \
    --service-account-signing-key-file="$work/sa.key" --service-cluster-ip-range=10.96.0.0/16 \
    --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount --cert-dir="$work" "${apiserver_arguments[@]}" >"$work/apiserver.log" 2>&1 &
  pidfile=$work/apiserver.pid
  printf '%s\n' "$!" >"$pidfile"
  stop_apiserver() { stop "$(cat "$pidfile")"; }
  cleanups+=(stop_apiserver)
  cat >"$work/admin.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$port", certificate-authority: "$work/ca.crt"}}]
users: [{name: admin, user: {client-certificate: "$work/admin.crt", client-key: "$work/admin.key"}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
END
  export KUBECONFIG=$work/admin.kubeconfig
  wait_until 240 "kube-apiserver (its log: $(tail -n 2 "$work/apiserver.log" 2>/dev/null))" kubectl --kubeconfig "$KUBECONFIG" get --raw /readyz
  controller_manager=$assets/kube-controller-manager
  [[ -x $controller_manager ]] || skip "KUBEBUILDER_ASSETS has no kube-controller-manager, which makes the pods"
  "$assets/kube-controller-manager" --kubeconfig="$KUBECONFIG" --leader-elect=false --secure-port=0 \
    --controllers=deployment,replicaset >"$work/controller-manager.log" 2>&1 &
  cleanups+=("stop $!")
}

command -v kubectl >/dev/null || skip "kubectl is not installed"
if [[ ${KUBECONFIG:-} ]]; then
  kubectl --kubeconfig "$KUBECONFIG" get --raw /readyz >/dev/null || die "the cluster of KUBECONFIG does not answer"
elif [[ ${KUBEBUILDER_ASSETS:-} ]]; then
  start_assets "$KUBEBUILDER_ASSETS"
elif [[ -x ../shared/cluster/cluster.sh || -r ../shared/cluster/cluster.sh ]]; then
  cluster() { bash ../shared/cluster/cluster.sh "$@" >>"$work/cluster.log" 2>&1; }
  export KUBECONFIG=$home/admin.kubeconfig
  image=docker.io/local/busybox:1.35
  if ! kubectl --kubeconfig "$KUBECONFIG" get --raw /readyz >/dev/null 2>&1; then
    pidfile=$home/run/kube-apiserver.pid
    make_rotation
    export KMO_APISERVER_ARGS="${apiserver_arguments[*]}"
    cluster build || { tail -n 20 "$work/cluster.log" >&2; die "the cluster cannot be built"; }
    cleanups+=("cluster down")
    cluster up || {
      say "no node on this machine: $(tail -n 1 "$work/cluster.log")"
      cluster down
      cluster up api || { tail -n 20 "$work/cluster.log" >&2; die "the API server does not start"; }
    }
    controller_manager=$home/bin/kube-controller-manager
  fi
else
  skip "no cluster: set KUBECONFIG or KUBEBUILDER_ASSETS"
fi

admin create namespace "$namespace" >/dev/null
remove_namespace() { admin delete namespace "$namespace" --wait=false >/dev/null; }
cleanups+=(remove_namespace)

# The chart's own rights, rendered by Helm; its cluster-wide objects are named after the namespace.
python=$(venv helm helm-python-sdk==0.2.2)/bin/python
"$python" scripts/chart.py --rbac deploy/helm/kube-mind-observer "$namespace" >"$work/rbac.yaml"
admin apply -f "$work/rbac.yaml" >/dev/null
remove_rbac() { admin delete -f "$work/rbac.yaml" --wait=false >/dev/null; }
cleanups+=(remove_rbac)
token=$(
  printf '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":7200}}' |
    admin create --raw "/api/v1/namespaces/$namespace/serviceaccounts/mind-kube-mind-observer/token" -f - |
    sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
)
[[ $token ]] || die "the API server gave no token for the ServiceAccount"
server=$(kubectl --kubeconfig "$KUBECONFIG" config view --minify --raw -o jsonpath='{.clusters[0].cluster.server}')
kubectl --kubeconfig "$KUBECONFIG" config view --minify --raw --flatten \
  -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' >"$work/ca.base64"
(
  umask 077
  cat >"$work/observer.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$server", certificate-authority-data: "$(cat "$work/ca.base64")"}}]
users: [{name: observer, user: {token: "$token"}}]
contexts: [{name: test, context: {cluster: test, user: observer}}]
current-context: test
END
)

nodes=$(admin get nodes --no-headers 2>/dev/null | wc -l)
sed -e "s/NAMESPACE/$namespace/; s#\bIMAGE\b#$image#; s/SECRET/$secret/" scripts/cluster/workloads.yaml | admin apply -f - >/dev/null
remove_workloads() { admin delete deployments --all --wait=false >/dev/null; }
cleanups+=(remove_workloads)
if ((nodes == 0)); then
  source scripts/cluster/statuses.sh
  fail_workloads "$image"
fi

say "$(kubectl --kubeconfig "$KUBECONFIG" version -o json 2>/dev/null | sed -n 's/.*"gitVersion": "\(.*\)".*/Kubernetes \1/p' | tail -n 1), $nodes nodes, namespace $namespace"
flags=(-Xswiftc -use-ld=lld)
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --build-tests >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; die "the tests do not build"; }
if [[ $pidfile && -d /proc/self ]]; then
  printf '#!/bin/sh\nexec "%s" "%s"\n' "$PWD/scripts/cluster/restart-apiserver.sh" "$pidfile" >"$work/restart"
  chmod +x "$work/restart"
  export KUBE_MIND_TEST_RESTART=$work/restart
fi
[[ ! $pidfile ]] || export KUBE_MIND_TEST_AUDIT=$work/audit.log KUBE_MIND_TEST_ROTATION=$rotation KUBE_MIND_TEST_ROTATING_NAME=$rotating_name
[[ ! -x $controller_manager ]] || export KUBE_MIND_TEST_CONTROLLER_MANAGER=$controller_manager
KUBE_MIND_TEST_KUBECONFIG=$work/observer.kubeconfig KUBE_MIND_TEST_NAMESPACE=$namespace KUBE_MIND_TEST_SECRET=$secret \
  KUBE_MIND_TEST_NODES=$nodes KUBE_MIND_TEST_ADMIN_KUBECONFIG=$KUBECONFIG KUBE_MIND_TEST_PROGRAM=$(swift build "${flags[@]}" --show-bin-path)/kube-mind \
  swift test "${flags[@]}" --skip-build --disable-xctest --filter '\.(Cluster|Credential)Tests' 2>&1 |
  tee "$work/test.log"
grep -qE 'Test run with [1-9][0-9]* tests? ' "$work/test.log" || die "no test of ClusterTests ran"
