#!/usr/bin/env bash
# Builds the tests' own Grafana (tests/grafana/double) into the cache and prints the path of the binary.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no Go.
set -euo pipefail

source=$(cd "$(dirname "$0")/../tests/grafana/double" && pwd)
version=$(cd "$source" && cat go.mod go.sum ./*.go | sha256sum | cut -c1-16)
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
binary=$cache/grafana-double-$version/double
[ -x "$binary" ] && { echo "$binary"; exit 0; }
[ "${1:-}" = --built ] && { echo "grafana double: not built; .ci/parts builds it" >&2; exit 3; }
command -v go >/dev/null || { echo "grafana double: no go to build it with" >&2; exit 3; }
mkdir -p "$(dirname "$binary")"
cd "$source"
go build -o "$binary.new" . >&2
mv "$binary.new" "$binary"
echo "$binary"
