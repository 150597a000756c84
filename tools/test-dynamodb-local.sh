#!/usr/bin/env bash
# Runs the end-to-end tests against AWS's DynamoDB Local instead of the embedded database. Arguments go to Jest.
# Run tools/install-dynamodb-local.sh before.
set -euo pipefail
cd "$(dirname "$0")/.."

lib=.taskwire/dynamodb-local/lib
log=.taskwire/dynamodb-local/server.log

# The server ends with its standard input: with this script, however that ends.
coproc database {
  exec java -Xmx1g -Djava.library.path="$lib" -cp "$lib/*" tools/dynamodb-local/LoopbackServer.java 2>"$log"
}
server=$database_PID
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true' EXIT

endpoint=
while [[ -z $endpoint ]]; do
  if ! IFS= read -r -t 60 line <&"${database[0]}"; then
    echo "DynamoDB Local did not start:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  if [[ $line == 'listening on '* ]]; then endpoint=${line#listening on }; fi
done
DYNAMODB_ENDPOINT=$endpoint npm test -- test/end-to-end "$@"
