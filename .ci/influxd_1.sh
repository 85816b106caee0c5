#!/usr/bin/env bash
# Builds the real InfluxDB v1 server from its Go module into the cache and prints the path of the binary.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no Go.
set -euo pipefail

version=v1.8.10
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
binary=$cache/influxd-$version/influxd
[ -x "$binary" ] && { echo "$binary"; exit 0; }
[ "${1:-}" = --built ] && { echo "influxd $version: not built; .ci/parts builds it" >&2; exit 3; }
command -v go >/dev/null || { echo "influxd $version: no go to build it with" >&2; exit 3; }

work=$cache/influxd-$version
mkdir -p "$work/module"
cd "$work/module"
printf 'module influxd-for-tests\ngo 1.22\n' > go.mod
# Its flux is of a time before it needed Rust; -mod=mod writes the sums of a go.mod that begins empty.
export GOFLAGS=-mod=mod
go get "github.com/influxdata/influxdb/cmd/influxd@$version" >&2
go build -o "$binary.new" github.com/influxdata/influxdb/cmd/influxd >&2
mv "$binary.new" "$binary"
echo "$binary"
