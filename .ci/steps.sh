# Steps of a run of checks: `source .ci/steps.sh` in the project's folder. When the shell exits, it prints what each step
# took and, as the last line, `N passed, N failed`: the tests of all runners together. It exits with 0 only when there were
# some and nothing failed.
set -euo pipefail
export CI=true

results=$(mktemp -d "${TMPDIR:-/tmp}/taskwire-results-XXXXXX")
began=$SECONDS
steps=0
# Steps that failed and have no tests to count.
broken_steps=0
trap 'finish $?' EXIT

has() {
  command -v "$1" >/dev/null
}

# step LIMIT NAME COMMAND...: runs a command with a time limit; says what it is, how it went and how long it took.
step() {
  if run_step "$@"; then return 0; fi
  broken_steps=$((broken_steps + 1))
  return 1
}

# tests LIMIT NAME COMMAND...: a step that runs tests. Where the command says RESULTS, it gets the name of the file into
# which it has to write what became of them, in a form that tools/gate/counts.ts knows.
tests() {
  local limit=$1 name=$2 file="$results/$((steps + 1)).json" argument command=()
  shift 2
  for argument in "$@"; do command+=("${argument//RESULTS/$file}"); done
  echo "$file" >>"$results/files"
  if run_step "$limit" "$name" "${command[@]}"; then return 0; fi
  : >"$file.failed"
  return 1
}

run_step() {
  local limit=$1 name=$2 start=$SECONDS status=0 limited=()
  shift 2
  steps=$((steps + 1))
  echo "── $name"
  # macOS has none.
  if has timeout; then limited=(timeout --kill-after=10s "$limit"); fi
  ${limited[@]+"${limited[@]}"} "$@" </dev/null 2>&1 || status=$?
  local took=$((SECONDS - start)) mark=✓ outcome=''
  if ((status != 0)); then mark=✗ outcome=" failed with $status"; fi
  echo "$mark $name$outcome: $took s"
  echo "$mark $took $name" >>"$results/times"
  return "$status"
}

# Prints `PASSED FAILED`.
count_tests() {
  local file counts='0 0' passed failed files=()
  if [[ -e $results/files ]]; then
    while IFS= read -r file; do files+=("$file"); done <"$results/files"
    counts=$(node_modules/.bin/node tools/gate/count-tests.ts "${files[@]}") || counts='0 1'
  fi
  read -r passed failed <<<"$counts"
  echo "$passed $((failed + broken_steps))"
}

# finish STATUS: the end of the run.
finish() {
  local status=$1 passed failed mark seconds name
  trap - EXIT
  echo '── what the steps took'
  if [[ -e $results/times ]]; then
    while read -r mark seconds name; do printf '%s %5d s  %s\n' "$mark" "$seconds" "$name"; done <"$results/times"
  fi
  printf '= %5d s  altogether\n' $((SECONDS - began))
  read -r passed failed <<<"$(count_tests)"
  # Whoever tests nothing has proved nothing.
  if ((failed == 0 && (status != 0 || passed == 0))); then failed=1; fi
  if ((failed > 0 && status == 0)); then status=1; fi
  rm -rf "$results"
  echo "$passed passed, $failed failed"
  exit "$status"
}
