#!/usr/bin/env bash
# Installs AWS's DynamoDB Local, with its native SQLite, into .taskwire/dynamodb-local. It needs Maven and a JDK from 17.
set -euo pipefail
cd "$(dirname "$0")/.."

source=tools/dynamodb-local
target=.taskwire/dynamodb-local

if cmp -s "$source/pom.xml" "$target/pom.xml"; then
  echo "DynamoDB Local is installed"
  exit
fi
rm -rf "$target"
mkdir -p "$target"
mvn --batch-mode --quiet --file "$source/pom.xml" dependency:copy-dependencies -DoutputDirectory="$PWD/$target/lib"
# Last, so that an installation that was cut is done again.
cp "$source/pom.xml" "$target"
echo "DynamoDB Local is installed"
