#!/usr/bin/env bash
# Installs what is missing and builds what has changed; quick when there is nothing to do. Called by `make setup`, and
# by `make test` with the word "test", which adds what only tests need, by the Dockerfile with "image".
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

unpack_emulator() {
  [ "${KERNTEL_SETUP_PACKAGES:-}" = off ] && return
  setup/unpack-emulator.sh || say "QEMU 8.1 or newer could not be had: a guest of an older one may stand still"
}

# Whether what a lock file asks for is installed already: FOLDER, then the files that decide.
is_installed() {
  local folder=$1
  shift
  [ "$(cat "$folder/node_modules/.kerntel-lock" 2>/dev/null)" = "$(cat "$@" | sha256sum)" ]
}
note_installed() {
  local folder=$1
  shift
  cat "$@" | sha256sum >"$folder/node_modules/.kerntel-lock"
}

# Arguments of npm: no install script runs, for Node comes as a package with its binary, leveldown with prebuilt ones.
quietly=(--ignore-scripts --no-audit --no-fund --loglevel=error)

# The npm of the system, and the Node it runs on, may be old: it only fetches ours. An older Node would leave out
# optional packages that ask for a newer one, the linter's binary among them.
install_node() {
  local architecture
  case "$(uname -m)" in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) fail "there is no Node package for $(uname -m), only for x86_64 and aarch64" ;;
  esac
  node=setup/node/node_modules/node-linux-$architecture/bin/node
  is_installed setup/node setup/node/package-lock.json && [ -x "$node" ] && return
  say "installing Node"
  (cd setup/node && npm ci "${quietly[@]}" >/dev/null) || fail "npm ci failed in setup/node"
  [ -x "$node" ] || fail "npm ci brought no Node: optional dependencies must not be omitted"
  note_installed setup/node setup/node/package-lock.json
}

our_npm() {
  PATH="$PWD/${node%/*}:$PATH" "$node" setup/node/node_modules/npm/bin/npm-cli.js "$@" "${quietly[@]}" >/dev/null ||
    fail "npm $1 failed"
  mkdir -p node_modules/.bin
  ln -sfn "../../$node" node_modules/.bin/node
}

install_modules() {
  local decide=(package-lock.json package.json bpf/loader/package.json setup/node/package-lock.json)
  is_installed . "${decide[@]}" && [ -x node_modules/.bin/node ] && return
  say "installing node_modules"
  our_npm ci
  note_installed . "${decide[@]}"
}

build() {
  PATH="$PWD/node_modules/.bin:$PATH"
  make --silent -C bpf/loader || fail "the addon in bpf/loader could not be built"
  node bpf/compile.ts >&2 || fail "the BPF programs could not be compiled"
  node setup/bundle/main.ts || fail "the program could not be bundled"
  gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o build/program/hold-hangup.so receiver/hold-hangup.c ||
    fail "receiver/hold-hangup.c could not be compiled"
}

purpose=${1:-run}
install_packages
[ "$purpose" != test ] || unpack_programs
[ "$purpose" != test ] || unpack_emulator
install_node
install_modules
build
# The image keeps what runs, and nothing of what checks and builds.
[ "$purpose" != image ] || our_npm prune --omit=dev
# What is missing there is said there, and fails nothing here.
[ "$purpose" != test ] || test/peers/prepare.sh
