#!/usr/bin/env bash
# Runs our client against a gRPC server that is not ours: Python's grpcio, with mTLS. PeerTests says what is tried.
# Usage: peers.sh [--skip-build]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
need python3 python3-venv openssl openssl swift "a Swift toolchain"

flags=()
[[ $(uname -s) == Linux ]] && flags=(-Xswiftc -use-ld=lld)
if [[ ${1:-} != --skip-build ]]; then swift build "${flags[@]}" --build-tests >&2; fi

env=$(venv peers grpcio==1.85.1 grpcio-tools==1.85.1 grpcio-health-checking==1.85.1)
work=$(mktemp -d)
peer=
cleanup() {
  if [[ $peer ]]; then
    # It may be frozen, and a stopped process takes no other signal.
    kill -KILL "$peer" 2>/dev/null || true
    wait "$peer" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

scripts/test-certificates.sh "$work/tls"
mkdir "$work/stubs"
cp Protos/kube-mind.proto "$work/stubs/kube_mind.proto"
"$env/bin/python" -m grpc_tools.protoc -I"$work/stubs" --python_out="$work/stubs" --grpc_python_out="$work/stubs" \
  "$work/stubs/kube_mind.proto"

PYTHONDONTWRITEBYTECODE=1 "$env/bin/python" Tests/Peers/peer.py "$work/stubs" "$work/tls" "$work/ports" >"$work/log" 2>&1 &
peer=$!
for _ in {1..100}; do
  [[ -e $work/ports ]] && break
  kill -0 "$peer" 2>/dev/null || { cat "$work/log" >&2; die "the Python server did not start"; }
  sleep 0.1
done
{ read -r port; read -r aging; read -r refusing; } <"$work/ports" || die "the Python server does not listen"

export KUBE_MIND_PEER_TLS=$work/tls
export KUBE_MIND_PEER_URL=https://localhost:$port
export KUBE_MIND_PEER_AGING_URL=https://localhost:$aging
export KUBE_MIND_PEER_REFUSING_URL=https://localhost:$refusing
if ! swift test "${flags[@]}" --skip-build --disable-xctest --filter '\.PeerTests' 2>&1 | tee "$work/test.log"; then
  say "what the Python server wrote:"
  cat "$work/log" >&2
  exit 1
fi
grep -qE 'Test run with [1-9][0-9]* tests? ' "$work/test.log" || die "no test of PeerTests ran"
