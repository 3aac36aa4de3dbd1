# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

# Where tools that a script fetched or built for itself are kept: ignored by git, safe to delete.
tools=$PWD/.build-tools

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The version, from the one place where it stands.
version() { sed -n 's/.*static let number = "\(.*\)"$/\1/p' Sources/CLI/Version.swift; }

# What this is built from, for `--version`: the commit of the checkout, or of the archive that it came in. `+changes` where the checkout
# has some that are not committed.
commit() {
  local commit
  if commit=$(git rev-parse --verify --quiet HEAD 2>/dev/null); then
    [[ -z $(git status --porcelain --untracked-files=no) ]] || commit+=+changes
  else
    # git archive writes the commit there (.gitattributes); in a plain copy stands what git would have replaced.
    commit=$(cat scripts/commit.txt)
    [[ $commit =~ ^[0-9a-f]{40}$ ]] || commit=unknown
  fi
  printf '%s\n' "${COMMIT:-$commit}"
}
swift_version() { swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p'; }

# The named commands exist, or one line says which package has them.
need() { # need COMMAND PACKAGE…
  while (($# > 1)); do
    command -v "$1" >/dev/null || die "$1 is not installed (Debian: $2); run scripts/deps.sh ci"
    shift 2
  done
}

# Runs a command as root: as it is, or through sudo (which asks for a password only on a terminal).
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    if [[ -t 0 ]]; then sudo "$@"; else sudo -n "$@"; fi
  else
    return 127
  fi
}

# A Python environment of our own with exactly the named packages (name==version), made once. Its path goes to standard
# output. The versions are pinned: a new release of a linter must not fail a build that did not change.
venv() { # venv NAME REQUIREMENT…
  local dir=$tools/venv-$1
  shift
  if [[ $(cat "$dir/.requirements" 2>/dev/null) != "$*" ]]; then
    say "installing $*"
    rm -rf "$dir"
    mkdir -p "$tools"
    python3 -m venv "$dir" >&2 || die "python3 makes no environment (Debian: python3-venv); run scripts/deps.sh ci"
    "$dir/bin/pip" install --quiet --disable-pip-version-check "$@" >&2 || die "pip cannot install $*"
    printf '%s' "$*" >"$dir/.requirements"
  fi
  printf '%s\n' "$dir"
}

# The sources of a Debian package, unpacked with Debian's patches, from the archive that this machine installs from.
# apt gets lists of its own, for source packages are seldom switched on, and switching them on is not ours to do.
debian_source() { # debian_source PACKAGE VERSION FOLDER
  local package=$1 version=$2 folder=$3 apt=$tools/apt kind
  need dpkg-source dpkg-dev
  mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/archives/partial"
  for kind in debian ubuntu; do
    [[ -e /etc/apt/sources.list.d/$kind.sources ]] || continue
    sed 's/^Types:.*/Types: deb-src/' "/etc/apt/sources.list.d/$kind.sources" >"$apt/parts/$kind.sources"
  done
  if ! ls "$apt"/parts/*.sources >/dev/null 2>&1; then
    sed -n 's/^deb[[:space:]]/deb-src /p' /etc/apt/sources.list >"$apt/parts/machine.list"
  fi
  local get=(
    apt-get --quiet --quiet
    -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$apt/parts"
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache::Archives=$apt/archives" -o "Dir::Cache::pkgcache="
    -o "Dir::Cache::srcpkgcache=" -o APT::Sandbox::User=root
  )
  [[ -n $(find "$apt/.updated" -mmin -60 2>/dev/null) ]] || {
    "${get[@]}" update >"$apt/log" 2>&1 && touch "$apt/.updated"
  } || { cat "$apt/log" >&2; die "cannot read the archive's list of source packages"; }
  rm -rf "$folder" "$folder.download"
  mkdir -p "$folder.download"
  if ! (cd "$folder.download" && "${get[@]}" source --download-only "$package=$version") >"$apt/log" 2>&1; then
    cat "$apt/log" >&2
    die "the archive has no source package $package $version (after an upgrade of the archive: apt-get upgrade)"
  fi
  dpkg-source --no-check --no-copy -x "$folder.download"/*.dsc "$folder" >"$apt/log" 2>&1 || { cat "$apt/log" >&2; die "cannot unpack $package"; }
  rm -rf "$folder.download"
}

# The flags of every release build: with others, each of them would compile everything anew.
release_flags=(-c release)
if [[ $(uname -s) == Linux ]]; then
  release_flags+=(
    --static-swift-stdlib      # no Swift runtime to install beside it
    -Xswiftc -use-ld=lld       # the flag of every build here, so that none makes another one start anew
    -Xlinker --no-export-dynamic # nothing loads this program as a library
    -Xlinker --gc-sections -Xlinker --icf=safe # what nothing reaches goes, what is twice there stays once
    # Relative relocations packed: 1 MB less. lld's own --pack-dyn-relocs=relr also builds, and then fails to start:
    # glibc wants the version marker that only this spelling adds.
    -Xlinker -z -Xlinker pack-relative-relocs
    -Xlinker --no-eh-frame-hdr -Xlinker -T -Xlinker "$PWD/scripts/release.ld" # no tables for unwinding: 4 MB less
  )
fi
