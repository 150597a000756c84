import type { Chapter } from './classified.ts';
import { runnable } from './compare.ts';

/** What a script of the guide works with. */
export interface ScriptSettings {
  /** Directory of the assembly that is deployed in the place of the stage's own. */
  readonly assembly: string;
  /** The CDK CLI. */
  readonly cdkFile: string;
  readonly helperUrl: string;
}

/** The text as one word of a shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A bash script that runs the guide as one who pastes it does: in one shell, in its order, to the first command that fails.
 * The CDK CLI is the project's, deploys the given assembly, and is not asked whether it may.
 */
export function scriptOf(
  chapters: readonly Chapter[],
  { assembly, cdkFile, helperUrl }: ScriptSettings,
): string {
  const commands = runnable(chapters).flatMap(({ title, run }) => [
    `printf '\\n$ %s\\n' ${quoted(title)}`,
    ...run,
  ]);
  return [
    'set -euo pipefail',
    `helper() { curl -fsS ${quoted(helperUrl)}/"$1" --data-binary "$(printf '%s\\n' "\${@:2}")"; }`,
    'npx() {',
    '  [[ $1 == cdk ]] || { echo "npx $1 is not the CDK" >&2; return 1; }',
    '  local verb=$2 more=()',
    '  shift 2',
    // The assembly is that of the stage.
    '  if [[ ${1-} == -c ]]; then shift 2; fi',
    '  case $verb in deploy) more=(--require-approval never) ;; destroy) more=(--force) ;; esac',
    `  ${quoted(process.execPath)} ${quoted(cdkFile)} "$verb" --app ${quoted(assembly)} \${more[@]+"\${more[@]}"} "$@"`,
    '}',
    ...commands,
    '',
  ].join('\n');
}
