#!/usr/bin/env bash
# Installs the clients that test/clients runs against the stack: those of Node beside their drivers, those of Python and
# Go into .taskwire/clients. Needs node, python3 from 3.11 with venv, and go from 1.18. The versions are fixed by the files
# beside the drivers.
set -euo pipefail
cd "$(dirname "$0")/.."

source=$PWD/test/clients
target=$PWD/.taskwire/clients

for program in node python3 go; do
  if ! command -v "$program" >/dev/null; then
    echo "install $program first: test/clients runs clients that are written for it" >&2
    exit 1
  fi
done

# Prints what the installation depends on.
inputs() {
  cat "$source"/node/package-lock.json "$source"/python/*.txt "$source"/go/go.{mod,sum} "$source"/go/*/*.go
  node --version
  python3 --version
  go version
}

if [[ -d $source/node/node_modules ]] && cmp -s <(inputs) "$target/inputs"; then
  echo "the clients are installed"
  exit
fi
rm -rf "$target"
mkdir -p "$target"
npm ci --prefix "$source/node" --no-audit --no-fund --ignore-scripts --loglevel error
python3 -m venv "$target/python"
pip=("$target/python/bin/pip" --quiet --disable-pip-version-check install --no-deps)
"${pip[@]}" --requirement "$source/python/requirements.txt"
"${pip[@]}" --requirement "$source/python/sseclient-py.txt" --target "$target/sseclient-py"
(cd "$source/go" && go build -buildvcs=false -o "$target/go/" ./r3labs ./scanner)
# Last, so that an installation that was cut is done again.
inputs >"$target/inputs"
echo "the clients are installed"
