#!/usr/bin/env bash
# Makes JSON Schemas of dashboards from Grafana's own TypeScript types into the cache, and prints the folder.
# Prints nothing and exits 3, with the reason on stderr, where the machine has no npm.
set -euo pipefail

version=13.2.3
cache=${LIBRARY_EDGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/library-edge}
folder=$cache/grafana-schema-$version
[ -f "$folder/done" ] && { echo "$folder"; exit 0; }
[ "${1:-}" = --built ] && { echo "grafana schemas: not built; .ci/parts builds it" >&2; exit 3; }
command -v npm >/dev/null || { echo "grafana schemas: no npm" >&2; exit 3; }

mkdir -p "$folder/work"
cd "$folder/work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund "@grafana/schema@$version" ts-json-schema-generator@2.3.0 typescript@5 >&2 \
  || { echo "grafana schemas: npm could not install" >&2; exit 3; }
cat > tsconfig.json <<'JSON'
{"compilerOptions": {"target": "es2022", "module": "esnext", "moduleResolution": "bundler", "strict": true, "skipLibCheck": true}}
JSON
types=node_modules/@grafana/schema/dist/types/raw
make_schema() {  # file type name
  npx ts-json-schema-generator --tsconfig tsconfig.json --path "$1" --type "$2" --no-type-check > "$folder/$3.json"
}
make_schema "$types/dashboard/x/types.gen.d.ts" Dashboard dashboard
for panel in bargauge canvas stat statetimeline table text timeseries xychart; do
  make_schema "$types/composable/$panel/panelcfg/x/types.gen.d.ts" Options "$panel"
done
touch "$folder/done"
echo "$folder"
