#!/usr/bin/env bash
# Fetches AsyncAPI's own JSON Schema of AsyncAPI documents into the cache, and prints the folder.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no npm.
set -euo pipefail

version=6.8.1
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
folder=$cache/asyncapi-specs-$version
schema='3.0.0-without-$id.json'
[ -f "$folder/$schema" ] && { echo "$folder"; exit 0; }
[ "${1:-}" = --built ] && { echo "asyncapi schema: not fetched; .ci/parts fetches it" >&2; exit 3; }
command -v npm >/dev/null || { echo "asyncapi schema: no npm" >&2; exit 3; }

mkdir -p "$folder/work"
cd "$folder/work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund "@asyncapi/specs@$version" >&2 \
  || { echo "asyncapi schema: npm could not install" >&2; exit 3; }
cp "node_modules/@asyncapi/specs/schemas/$schema" "$folder/$schema.new"
mv "$folder/$schema.new" "$folder/$schema"
echo "$folder"
