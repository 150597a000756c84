#!/usr/bin/env bash
# Installs AWS's own Lambda runtime client for test/runtime into .taskwire/runtime-client. Run it after npm ci.
# Its native part is compiled: it needs cmake, make, g++, python3 and xz.
set -euo pipefail
cd "$(dirname "$0")/.."

source=tools/runtime-client
target=.taskwire/runtime-client
node=$PWD/node_modules/.bin/node

# What the client's loader does first: it fails when the native part does not fit this Node.
loads() {
  (cd "$target" && AWS_LAMBDA_RUNTIME_API=127.0.0.1:9 "$node" -e "require('aws-lambda-ric/rapid-client.node')")
}

if cmp -s "$source/package-lock.json" "$target/package-lock.json" && loads 2>/dev/null; then
  echo "the runtime client is installed"
  exit
fi
rm -rf "$target"
mkdir -p "$target"
cp "$source/package.json" "$target"
# The native part uses Node-API only, which is stable across versions: the headers of any Node do, and those of the
# system spare a download.
if [[ -f /usr/include/node/node_api.h ]]; then export npm_config_nodedir=/usr; fi
cp "$source/package-lock.json" "$target"
if ! PATH=$PWD/node_modules/.bin:$PATH npm ci --prefix "$target" --no-audit --no-fund --foreground-scripts >"$target/install.log" 2>&1; then
  tail -n 40 "$target/install.log" >&2
  rm -rf "$target"
  exit 1
fi
if ! loads; then
  rm -rf "$target"
  exit 1
fi
echo "the runtime client is installed"
