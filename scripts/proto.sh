#!/usr/bin/env bash
# Writes the Swift code of Protos/kube-mind.proto anew. With --check: fails if what is committed differs.
# Needs protoc (Debian: protobuf-compiler). The plugins are built from the packages this project depends on.
set -euo pipefail
cd "$(dirname "$0")/.."

out=Sources/Core/Contract/Generated
target=$out
if [[ ${1:-} == --check ]]; then
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
fi
flags=(-Xswiftc -use-ld=lld) # those of every build here, so that none makes another one start anew
[[ $(uname -s) == Linux ]] || flags=()
swift build "${flags[@]}" --product protoc-gen-swift
swift build "${flags[@]}" --product protoc-gen-grpc-swift-2
bin=$(swift build "${flags[@]}" --show-bin-path)
mkdir -p "$target"
protoc --proto_path=Protos \
  --plugin="$bin/protoc-gen-swift" --plugin="$bin/protoc-gen-grpc-swift-2" \
  --swift_out="$target" --swift_opt=Visibility=Package,UseAccessLevelOnImports=true \
  --grpc-swift-2_out="$target" --grpc-swift-2_opt=Visibility=Package,UseAccessLevelOnImports=true \
  Protos/kube-mind.proto
if [[ ${1:-} == --check ]] && ! diff -ru "$out" "$target"; then
  echo "error: $out is not what Protos/kube-mind.proto gives; run 'make proto' and commit the result" >&2
  exit 1
fi
