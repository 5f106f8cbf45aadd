#!/usr/bin/env bash
# A QEMU for tests that runs code which another CPU has changed as it is now. Before 8.1 it may run the old one for good:
# both CPUs of a guest then stand still, or a program in it aborts, in one guest of ten. Debian 12 has 7.2, and a newer one
# among its backports, which is unpacked below build/tools and not installed. Ends with 1 where it cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$PWD/build/tools
packages=(qemu-system-x86 qemu-system-common qemu-system-data seabios)

is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
  [ -n "$version" ] && dpkg --compare-versions "$version" ge 8.1
}

is_new_enough "$folder/usr/bin/qemu-system-x86_64" && exit
is_new_enough qemu-system-x86_64 && exit

# Lists of its own: the machine's sources stay what they are.
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
site=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
  sed -n "s/ $codename main\$//p" | head -n 1)
[ -n "$site" ] || exit 1
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
mkdir -p "$lists/lists/partial" "$lists/archives/partial" "$folder"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $codename-backports main" >"$lists/sources.list"
options=(-qq -o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$lists/lists" -o "Dir::Cache::Archives=$lists/archives" -o APT::Sandbox::User=root
  -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=")
apt-get "${options[@]}" update
cd "$lists"
apt-get "${options[@]}" download "${packages[@]/%//$codename-backports}"
for package in ./*.deb; do
  dpkg-deb -x "$package" "$folder"
done
is_new_enough "$folder/usr/bin/qemu-system-x86_64"
