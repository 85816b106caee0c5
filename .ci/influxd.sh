#!/usr/bin/env bash
# Builds the real InfluxDB v2 server from its Go module into the cache and prints the path of the binary.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no Go or no cargo.
set -euo pipefail

version=v2.7.12
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
binary=$cache/influxd-$version/influxd
[ -x "$binary" ] && { echo "$binary"; exit 0; }
if command -v influxd >/dev/null; then command -v influxd; exit 0; fi
[ "${1:-}" = --built ] && { echo "influxd: not built; .ci/parts builds it" >&2; exit 3; }
for tool in go cargo clang protoc; do
  command -v "$tool" >/dev/null || { echo "influxd: not on PATH, and no $tool to build it with" >&2; exit 3; }
done

work=$cache/influxd-$version
mkdir -p "$work/bin" "$work/module"
cd "$work/module"

# flux denies warnings that newer Rust compilers added, and pins a toolchain that is not here.
cat > "$work/bin/rustc-cap-lints" <<'WRAP'
#!/bin/sh
exec "$@" --cap-lints allow
WRAP
chmod +x "$work/bin/rustc-cap-lints"
export RUSTC_WORKSPACE_WRAPPER=$work/bin/rustc-cap-lints
if command -v rustup >/dev/null; then
  RUSTUP_TOOLCHAIN=$(rustup show active-toolchain | cut -d' ' -f1)
  export RUSTUP_TOOLCHAIN
fi

cat > go.mod <<MOD
module influxd-for-tests
go 1.22
require github.com/influxdata/influxdb/v2 $version
MOD
cat > tools.go <<'GO'
//go:build tools

package tools

import _ "github.com/influxdata/influxdb/v2/cmd/influxd"
GO
# influxdb's own replacements are not inherited by a module that requires it.
module_file=$(go mod download -json "github.com/influxdata/influxdb/v2@$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
sed -n '/^replace/p' "$module_file" >> go.mod
GOBIN=$work/bin go install github.com/influxdata/pkg-config@v0.2.14
export PKG_CONFIG=$work/bin/pkg-config
go mod tidy >&2
go build -tags 'sqlite_foreign_keys,sqlite_json' -o "$binary.new" github.com/influxdata/influxdb/v2/cmd/influxd >&2
mv "$binary.new" "$binary"
echo "$binary"
