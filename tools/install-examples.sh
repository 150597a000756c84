#!/usr/bin/env bash
# Installs what each of the examples depends on, as their users do.
set -euo pipefail
cd "$(dirname "$0")/../examples"

for example in */; do npm install --prefix "$example" --no-audit --no-fund --loglevel error; done
echo "the examples are installed"
