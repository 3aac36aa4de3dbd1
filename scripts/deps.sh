#!/usr/bin/env bash
# Installs the Debian packages that kube-mind needs beside the Swift toolchain. Quick when they are there.
#   deps.sh          to build and test: the C libraries with their headers
#   deps.sh ci       also what the checks of .ci/run need: protobuf, Python, source packages
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

packages=(
  libcurl4-openssl-dev # the Kubernetes API client
  libnghttp2-dev       # HTTP/2 of the gRPC transport
  libssl-dev           # TLS
  libre2-dev           # regular expressions of a user's redaction rules
  zlib1g-dev           # gzip of messages to the orchestrator
  libyaml-dev          # manifests and the configuration, with byte offsets
  pkg-config           # how the Swift package manager finds them
  ca-certificates git  # to fetch the Swift packages
)
case ${1:-} in
  '') ;;
  ci)
    packages+=(
      protobuf-compiler      # protoc, with C#
      libprotoc-dev dpkg-dev g++ # the C# plugin of gRPC is built from its Debian source
      python3-venv           # linters and the gRPC peer
      make openssl curl      # the rest of the checks
      shellcheck             # these scripts
      mandoc ruby            # the man pages, the formula
    libgrpc++-dev protobuf-compiler-grpc # the gRPC peer in C++
    binutils               # what the image's libraries need
    zsh fish               # the completions, in their shells
    )
    ;;
  *) die "usage: deps.sh [ci]" ;;
esac

command -v dpkg-query >/dev/null || die "this is not Debian or Ubuntu; install the equivalents of: ${packages[*]}"
missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root true 2>/dev/null || die "these packages are missing and neither root nor sudo is at hand: apt-get install ${missing[*]}"
say "installing ${missing[*]}"
install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 \
    install -y --no-install-recommends "${missing[@]}" </dev/null
}
# The lists are fetched only where the packages cannot be had with those at hand: none yet, or outdated.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install >"$log" 2>&1 || {
  as_root apt-get -qq update && install
} >"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  die "apt-get could not install ${missing[*]}"
}
