#!/usr/bin/env bash
# Assembles the container image's file tree: the binary, the libraries that it needs, certificates, and nothing else: no
# shell, no package manager. The Dockerfile and image.sh both call this, so that what is checked is what is shipped.
#   rootfs.sh FOLDER [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/common.sh

root=${1:?usage: rootfs.sh FOLDER [BINARY]}
binary=${2:-dist/kube-mind}
uid=65532 # "nonroot" of the distroless images: admission policies know it
[[ -x $binary ]] || die "no $binary; run make release"
need dpkg-query dpkg

curl=$(scripts/libcurl.sh)
rm -rf "$root"
mkdir -p "$root"/usr/{bin,lib,lib64,sbin,local/bin,share/doc,lib/ssl} "$root"/etc/ssl/certs "$root"/var/lib/dpkg/status.d \
  "$root"/{dev,home/nonroot,proc,root,run,sys,tmp}
for link in bin lib lib64 sbin; do ln -s "usr/$link" "$root/$link"; done
chmod 1777 "$root/tmp"
chmod 700 "$root/root"
ln -s ../run "$root/var/run"

install -m 755 "$binary" "$root/usr/local/bin/kube-mind"

# Which libraries the loader would load, and which of Debian's packages has each.
directory=$(dirname "$(ldconfig -p | awk '/libc\.so\.6 / { print $NF; exit }')")
directory=usr/${directory#/} directory=${directory/usr\/usr/usr}
packages=(base-files ca-certificates)
wanted=()
while read -r name path; do
  [[ $path == /* ]] || die "the binary needs $name, which is not installed"
  if [[ $path == "$curl"/* ]]; then
    install -D -m 755 "$path" "$root/$directory/$name"
    continue
  fi
  owner=$(dpkg-query -S "$(realpath "$path")" 2>/dev/null || dpkg-query -S "$(realpath "$path" | sed 's#^/usr##')" 2>/dev/null) ||
    die "$path belongs to no Debian package"
  owner=${owner%%: *}
  # Packages of one source share a folder of licences, which is in one of them.
  licence=$(basename "$(realpath "/usr/share/doc/${owner%%:*}")")
  for package in "$owner" "$licence"; do
    [[ " ${packages[*]%%:*} " == *" ${package%%:*} "* ]] || packages+=("$package")
  done
  wanted+=("${path#/usr}")
done < <(
  # "name => path (address)" for libraries, "path (address)" for the loader itself; the kernel's vdso has no path.
  LD_LIBRARY_PATH=$curl ldd "$binary" |
    sed -n -e 's/^[[:space:]]*\([^ ]*\) => \(.*\) (0x[0-9a-f]*)$/\1 \2/p' \
      -e 's/^[[:space:]]*\([^ ]*\) => not found$/\1 missing/p' -e 's#^[[:space:]]*\(/[^ ]*\) (0x[0-9a-f]*)$#loader \1#p'
)

# Those packages as the archive has them now, not as they may have been altered on this machine.
debs=$tools/debs
mkdir -p "$debs"
# Asked from another folder, for apt does not name what is already in the one it runs in.
list() { (cd / && apt-get download --print-uris "${packages[@]}" | awk '{ print $2 }'); }
[[ $(list | wc -l) == "${#packages[@]}" ]] || as_root apt-get -qq update
files=()
while read -r file; do
  [[ -e $debs/$file ]] || missing=1
  files+=("$debs/$file")
done < <(list)
((${#files[@]} == ${#packages[@]})) || die "the archive does not have all of: ${packages[*]}"
download() { (cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"); }
if [[ ${missing:-} ]]; then
  # Outdated lists name files that are gone.
  download || { as_root apt-get -qq update && exec "$0" "$@"; } || die "cannot download ${packages[*]}"
fi
unpacked=$tools/debs-unpacked
rm -rf "$unpacked"
for file in "${files[@]}"; do dpkg-deb -x "$file" "$unpacked"; done

for path in "${wanted[@]}"; do
  for prefix in "" /usr; do
    [[ -e $unpacked$prefix$path ]] || continue
    install -D -m 755 "$(realpath "$unpacked$prefix$path")" "$root/usr$path"
  done
  [[ -e $root/usr$path ]] || die "the packages do not hold $path"
done

# Mozilla's certificates as Debian packages them, without any that was added to this machine.
cat "$unpacked"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem" # where OpenSSL looks
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"

cp "$unpacked/usr/lib/os-release" "$root/usr/lib/os-release"
ln -s ../usr/lib/os-release "$root/etc/os-release"
cp "$unpacked/etc/debian_version" "$root/etc/debian_version"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:%d:%d:nonroot:/home/nonroot:/sbin/nologin\n' $uid $uid >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:%d:\n' $uid >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"

# The package database as distroless images keep it, so that vulnerability scanners know what is inside; and the licences.
for file in "${files[@]}"; do
  package=$(dpkg-deb -f "$file" Package)
  dpkg-deb -f "$file" >"$root/var/lib/dpkg/status.d/$package"
  install -D -m 644 "$(realpath "$unpacked/usr/share/doc/$package/copyright")" "$root/usr/share/doc/$package/copyright"
done
version=$(cat "$curl/version")
cat >"$root/var/lib/dpkg/status.d/libcurl4" <<END
Package: libcurl4
Source: curl
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: kube-mind
Description: libcurl from Debian's source package, with HTTP, HTTPS and HTTP/2 only
END
install -D -m 644 "$curl/copyright" "$root/usr/share/doc/libcurl4/copyright"
install -D -m 644 LICENSE "$root/usr/share/doc/kube-mind/copyright"
cp -r "$unpacked/usr/share/common-licenses" "$root/usr/share/common-licenses"

python3 scripts/sbom.py "$root" "$(version)"

chown -R 0:0 "$root" 2>/dev/null || true # not root: whoever packs the tree sets the owner
chown $uid:$uid "$root/home/nonroot" 2>/dev/null || true
chmod 700 "$root/home/nonroot"
# The same input gives the same tree.
find "$root" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
