#!/usr/bin/env bash
# Checks the contract as others will use it: buf's rules, and the code that C#, Go's and Python's side generate from it.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh
need protoc protobuf-compiler

proto=kube-mind.proto
buf=$(venv buf buf-bin==1.75.0)/bin/buf
"$buf" lint Protos
"$buf" build Protos -o /dev/null

# Debian's package of gRPC's plugins leaves the C# one out, so it is compiled from Debian's source of the same version.
version=$(dpkg-query -W -f='${source:Version}' libprotoc-dev) || die "libprotoc-dev is missing; run scripts/deps.sh ci"
plugin=$tools/grpc_csharp_plugin-$(printf '%s' "$version" | sha256sum | cut -c1-12)
if [[ ! -x $plugin ]]; then
  source_version=$(apt-cache show protobuf-compiler-grpc | sed -n 's/^Source: .*(\(.*\))$/\1/p' | head -n 1)
  [[ $source_version ]] || source_version=$(apt-cache show protobuf-compiler-grpc | sed -n 's/^Version: //p' | head -n 1)
  say "building grpc_csharp_plugin $source_version from Debian's source (once, some seconds)"
  debian_source grpc "$source_version" "$tools/grpc-source"
  (
    cd "$tools/grpc-source"
    g++ -std=c++17 -O1 -I. -Iinclude src/compiler/csharp_plugin.cc src/compiler/csharp_generator.cc -lprotoc -lprotobuf \
      -lpthread -o "$plugin.new"
  )
  mv "$plugin.new" "$plugin"
  rm -rf "$tools/grpc-source"
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/csharp" "$out/python"
protoc --proto_path=Protos --csharp_out="$out/csharp" --plugin="protoc-gen-grpc-csharp=$plugin" --grpc-csharp_out="$out/csharp" $proto
protoc --proto_path=Protos --python_out="$out/python" $proto
# The names that the .NET team was promised.
grep -q '^namespace KubeMind.V2 {' "$out/csharp/KubeMind.cs" || die "the C# namespace is not KubeMind.V2"
grep -q 'class IncidentServiceBase' "$out"/csharp/*Grpc.cs || die "no C# server base class for IncidentService"
grep -qE 'Task StreamIncidents\(.*IAsyncStreamReader<.*IncidentContext>.*IServerStreamWriter<.*IncidentAck>' "$out"/csharp/*Grpc.cs ||
  die "StreamIncidents is not a stream in both directions in C#"
# There is no .NET SDK here: the C# example is parsed, and what it uses of the contract is looked up in this code.
"$(venv csharp tree-sitter==0.26.1 tree-sitter-c-sharp==0.23.5)/bin/python" scripts/check-csharp.py docs/examples/csharp "$out/csharp" "Protos/$proto"
say "buf, C# and Python accept $proto: $(cat "$out"/csharp/*.cs | wc -l) lines of C#"
