#!/usr/bin/env bash
# Builds the image's libcurl from Debian's own source package, with Debian's security patches, and prints the folder that
# holds libcurl.so.4. Debian's ready one brings 29 libraries (GnuTLS, Kerberos, LDAP, SSH …), 16.6 MB that this program
# never calls; this one speaks HTTP, HTTPS and HTTP/2 and is 1 MB. Kept in .build-tools until version or options change.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

# The version that the program was compiled against, so that headers and library agree.
version=$(dpkg-query -W -f='${source:Version}' libcurl4-openssl-dev 2>/dev/null) || die "libcurl4-openssl-dev is missing; run scripts/deps.sh ci"
options=(
  --disable-static --enable-shared --enable-versioned-symbols # Debian's symbol versions, which the program asks for
  --with-openssl --with-nghttp2 --with-zlib
  --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt --without-ca-path
  --enable-http --enable-ipv6 --enable-proxy --enable-threaded-resolver --enable-symbol-hiding --enable-optimize
  --disable-{dict,file,ftp,gopher,imap,ldap,ldaps,mqtt,pop3,rtsp,smb,smtp,telnet,tftp}
  --disable-{alt-svc,cookies,debug,dependency-tracking,doh,hsts,manual,ntlm,ntlm-wb,tls-srp,unix-sockets}
  --without-{brotli,gssapi,libidn2,libpsl,librtmp,libssh,libssh2,zstd,nghttp3,ngtcp2}
)
key=$(cat "$0" <(printf '%s\n' "$version" "$(gcc -dumpfullversion)") | sha256sum | cut -c1-12)
folder=$tools/libcurl-$key

if [[ ! -e $folder/libcurl.so.4 ]]; then
  need gcc g++ make make
  say "building libcurl $version from Debian's source (once, about a minute)"
  rm -rf "$tools"/libcurl*
  debian_source curl "$version" "$tools/libcurl-source"
  (
    cd "$tools/libcurl-source"
    # Debian's last patches turn the sources into those of its GnuTLS and NSS flavours; debian/rules takes them off, too.
    sed '1,/^# Used to generate packages for the other crypto libraries/d; /^#/d; /^$/d' debian/patches/series | tac |
      while read -r flavour; do patch --reverse --strip=1 --input="debian/patches/$flavour" || exit 1; done &&
      # They patch the inputs of autoconf, too; its outputs still fit, so their age must not start the tools that made them.
      find . -name aclocal.m4 -exec touch {} + && sleep 1 &&
      find . \( -name configure -o -name '*.in' \) -exec touch {} + &&
      CFLAGS='-O2 -g0 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC' LDFLAGS='-Wl,-z,relro -Wl,-z,now -Wl,-z,defs' \
        ./configure "${options[@]}" &&
      make -j"$(nproc)" -C lib &&
      grep -q 'Name: CURL_OPENSSL_4$' < <(readelf -V lib/.libs/libcurl.so.4)
  ) >"$tools/libcurl.log" 2>&1 || {
    tail -n 40 "$tools/libcurl.log" >&2
    die "libcurl does not build; Debian's own is not taken in its place"
  }
  mkdir -p "$folder"
  cp -L "$tools/libcurl-source/lib/.libs/libcurl.so.4" "$folder/"
  strip --strip-unneeded "$folder/libcurl.so.4"
  cp "$tools/libcurl-source/COPYING" "$folder/copyright"
  printf '%s\n' "$version" >"$folder/version"
  rm -rf "$tools/libcurl-source"
fi
printf '%s\n' "$folder"
