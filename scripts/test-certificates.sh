#!/bin/bash
# Makes certificates for tests in a folder: two authorities that know nothing of each other, a server, a client of each.
# Usage: test-certificates.sh FOLDER [DAYS [NAME]]: NAME is one more that the server's certificate has
set -euo pipefail
folder=$1 days=${2:-2} name=${3:-}
mkdir -p "$folder"
cd "$folder"

authority() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$days" -subj "/CN=$1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

leaf() { # NAME AUTHORITY USAGE [SAN]
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  {
    echo "basicConstraints=CA:FALSE"
    echo "extendedKeyUsage=$3"
    if [ -n "${4:-}" ]; then echo "subjectAltName=$4"; fi
  } > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$days" -extfile "$1.ext" \
    -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

authority authority
authority stranger
leaf server authority serverAuth "DNS:localhost,DNS:orchestrator.example,IP:127.0.0.1${name:+,DNS:$name}"
leaf client authority clientAuth
leaf intruder stranger clientAuth
