#!/usr/bin/env bash
# Builds toxiproxy from its Go module into the cache and prints the path of the server's binary.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no Go.
set -euo pipefail

version=v2.5.0
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
folder=$cache/toxiproxy-$version
[ -x "$folder/server" ] && { echo "$folder/server"; exit 0; }
if command -v toxiproxy-server >/dev/null; then command -v toxiproxy-server; exit 0; fi
[ "${1:-}" = --built ] && { echo "toxiproxy: not built; .ci/parts builds it" >&2; exit 3; }
command -v go >/dev/null || { echo "toxiproxy: not on PATH, and no go to build it with" >&2; exit 3; }
mkdir -p "$folder"
GOBIN=$folder go install "github.com/Shopify/toxiproxy/v2/cmd/server@$version" >&2
echo "$folder/server"
