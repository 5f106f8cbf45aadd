#!/usr/bin/env bash
# Installs what is missing and builds what has changed; quick when there is nothing to do. Called by `make setup`, and
# by `make test` with the word "test", which adds what only tests need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

# Names of a list, without comments.
read_list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" | tr -d '[:blank:]'; }

# Those of the names given that are neither an installed package nor a command.
find_missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${binary:Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *\([^:]*\).*/\1/p' || true)
  for name; do
    grep -qxF -- "$name" <<<"$installed" || command -v -- "$name" >/dev/null || echo "$name"
  done
}

install_packages() {
  local wanted missing
  mapfile -t wanted < <(read_list setup/debian-build.txt; [ "$purpose" != test ] || read_list setup/debian-test.txt)
  if ! { command -v dpkg-query && command -v apt-get; } >/dev/null; then
    [ "${KERNTEL_SETUP_PACKAGES:-}" = off ] && return
    fail "packages can only be installed on Debian 12, Ubuntu 24.04 and newer. Install what these names stand for" \
      "(${wanted[*]}), then run: KERNTEL_SETUP_PACKAGES=off make setup"
  fi
  mapfile -t missing < <(find_missing_packages "${wanted[@]}")
  [ "${#missing[@]}" -eq 0 ] && return
  [ "${KERNTEL_SETUP_PACKAGES:-}" = off ] && { say "not installed, as asked: ${missing[*]}"; return; }
  [ "$(id -u)" -eq 0 ] || fail "root is needed once, for: apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}"
}

# Single programs out of packages that would start a server if they were installed: package and path in it.
unpack_programs() {
  local package path
  [ "${KERNTEL_SETUP_PACKAGES:-}" = off ] && return
  while read -r package path; do
    [ -x "build/tools/$path" ] || command -v -- "${path##*/}" >/dev/null && continue
    say "unpacking $path of $package"
    mkdir -p build/tools
    (cd build/tools && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb . && rm "$package"_*.deb) ||
      fail "could not unpack $path of the package $package"
  done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' setup/debian-unpack.txt)
}

# No install script runs: Node comes as a package with its binary, leveldown with prebuilt ones.
install_modules() {
  local stamp=node_modules/.kerntel-lock lock
  lock=$(sha256sum package-lock.json package.json bpf/loader/package.json)
  [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ] && [ -x node_modules/.bin/node ] && return
  case "$(uname -m)" in
    x86_64 | aarch64) ;;
    *) fail "there is no Node package for $(uname -m), only for x86_64 and aarch64" ;;
  esac
  say "installing node_modules"
  # The npm of the system runs on a Node older than package.json asks for: that one only fetches.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null || fail "npm ci failed"
  [ -x node_modules/.bin/node ] || fail "npm ci brought no Node: optional dependencies must not be omitted"
  echo "$lock" >"$stamp"
}

build() {
  PATH="$PWD/node_modules/.bin:$PATH"
  make --silent -C bpf/loader || fail "the addon in bpf/loader could not be built"
  node bpf/compile.ts >&2 || fail "the BPF programs could not be compiled"
}

purpose=${1:-run}
install_packages
[ "$purpose" != test ] || unpack_programs
install_modules
build
# What is missing there is said there, and fails nothing here.
[ "$purpose" != test ] || test/peers/prepare.sh
