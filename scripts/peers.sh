#!/usr/bin/env bash
# Runs our client against gRPC servers that are not ours, with mTLS: Python's grpcio and gRPC's C++ library. PeerTests and
# ConformanceTests say what is tried. Then the program against the example in docs/examples/python.
# Usage: peers.sh [--skip-build]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
need python3 python3-venv openssl openssl swift "a Swift toolchain" protoc protobuf-compiler g++ g++ pkg-config pkg-config \
  grpc_cpp_plugin protobuf-compiler-grpc
pkg-config --exists grpc++ || die "gRPC's C++ library is not installed (Debian: libgrpc++-dev); run scripts/deps.sh ci"

flags=()
[[ $(uname -s) == Linux ]] && flags=(-Xswiftc -use-ld=lld)
if [[ ${1:-} != --skip-build ]]; then swift build "${flags[@]}" --build-tests >&2; fi
program=$(swift build "${flags[@]}" --show-bin-path)/kube-mind

env=$(venv peers grpcio==1.85.1 grpcio-tools==1.85.1 grpcio-health-checking==1.85.1)
work=$(mktemp -d)
server=
stop() {
  [[ $server ]] || return 0
  # It may be frozen, and a stopped process takes no other signal.
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap 'stop; rm -rf "$work"' EXIT

# Waits for a file that the server makes once it listens.
await() { # await FILE NAME
  for _ in {1..1200}; do
    [[ -s $1 ]] && return
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; die "$2 did not start"; }
    sleep 0.1
  done
  die "$2 does not listen"
}

scripts/test-certificates.sh "$work/tls"
mkdir "$work/python" "$work/cc"
for language in python cc; do
  cp Protos/kube-mind.proto "$work/$language/kube_mind.proto"
  cp Tests/Peers/echo.proto "$work/$language/"
done
(cd "$work/python" && "$env/bin/python" -m grpc_tools.protoc -I. --python_out=. --grpc_python_out=. kube_mind.proto echo.proto)

# Some 15 s: the library is Debian's, only the contract and the server are compiled.
say "building the C++ server"
(
  cd "$work/cc"
  protoc -I. -I/usr/include --cpp_out=. --grpc_out=. --plugin=protoc-gen-grpc="$(command -v grpc_cpp_plugin)" \
    kube_mind.proto echo.proto
  read -ra libraries < <(pkg-config --cflags --libs grpc++ protobuf)
  g++ -std=c++17 -I. "$OLDPWD/Tests/Peers/peer.cc" ./*.pb.cc -o peer "${libraries[@]}"
) >"$work/log" 2>&1 || { cat "$work/log" >&2; die "the C++ server does not compile"; }

# The suites against a server that was just started.
suites() { # suites NAME
  await "$work/ports" "the server of $1"
  { read -r port; read -r aging; read -r refusing; } <"$work/ports"
  rm "$work/ports"
  say "against $1"
  if ! KUBE_MIND_PEER_TLS=$work/tls KUBE_MIND_PEER_URL=https://localhost:$port \
    KUBE_MIND_PEER_AGING_URL=https://localhost:$aging KUBE_MIND_PEER_REFUSING_URL=https://localhost:$refusing \
    swift test "${flags[@]}" --skip-build --disable-xctest --filter '\.(PeerTests|ConformanceTests)' 2>&1 | tee "$work/test.log"; then
    say "what the server of $1 wrote:"
    cat "$work/log" >&2
    exit 1
  fi
  grep -qE 'Test run with [1-9][0-9]* tests? ' "$work/test.log" || die "no test ran against $1"
  stop
}

PYTHONDONTWRITEBYTECODE=1 "$env/bin/python" Tests/Peers/peer.py "$work/python" "$work/tls" "$work/ports" >"$work/log" 2>&1 &
server=$!
suites "grpcio (Python)"
"$work/cc/peer" "$work/tls" "$work/ports" >"$work/log" 2>&1 &
server=$!
suites "gRPC C++"

# The example: accepted once, known the second time, over TLS with a client certificate. It has a log of its own, for what
# the last server wrote would be taken for its first words.
say "the example orchestrator in Python"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$work/python TLS_CERT=$work/tls/server.pem TLS_KEY=$work/tls/server.key \
  TLS_CLIENT_CA=$work/tls/authority.pem \
  "$env/bin/python" docs/examples/python/orchestrator.py 127.0.0.1:0 "$work/incidents.db" >"$work/example.log" 2>&1 &
server=$!
await "$work/example.log" "the example"
port=$(sed -n 's/^listening on port //p' "$work/example.log")
[[ $port ]] || { cat "$work/example.log" >&2; die "the example does not say where it listens"; }
cat >"$work/incidents.jsonl" <<'END'
{"schemaVersion":2,"incidentId":"00000000000000000000000000000001","workload":{"namespace":"shop","pod":"api-1","podUid":"u1"},"failure":{"class":"FAILURE_CLASS_OOM_KILLED"}}
{"schemaVersion":2,"incidentId":"00000000000000000000000000000002","workload":{"namespace":"shop","pod":"api-2","podUid":"u2"},"failure":{"class":"FAILURE_CLASS_CRASH_LOOP_BACK_OFF"}}
END
tls=(--ca "$work/tls/authority.pem" --cert "$work/tls/client.pem" --key "$work/tls/client.key")
for outcome in accepted duplicate; do
  "$program" send "$work/incidents.jsonl" --orchestrator "https://localhost:$port" "${tls[@]}" --json >"$work/outcomes"
  [[ $(grep -c "\"outcome\":\"$outcome\"" "$work/outcomes") == 2 ]] ||
    { cat "$work/outcomes" "$work/example.log" >&2; die "the example did not answer $outcome"; }
done
"$program" replay "$work/incidents.jsonl" --orchestrator "https://localhost:$port" "${tls[@]}" --rate 200 --count 100 \
  --new-ids peers --json | grep -q '"accepted":100,' || die "the example did not accept a replay"
stop
say "all peers understood"
