import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { runNpm } from '../local/data/npm.ts';
import { CommandError } from '../commands/command-error.ts';
import { comparePermissions } from './iam/comparison.ts';
import type { PermissionLine } from './iam/comparison.ts';
import { readGrants } from './iam/grants.ts';
import type { Grant } from './iam/grants.ts';
import { readReviewed } from './iam/reviewed.ts';
import { readUse } from './iam/use.ts';
import { synthesizeLocalStage } from '../local/template/synthesize.ts';

// Compares what the template grants each function with what the end-to-end tests made it use. Ends with 1 when a
// grant is not used, or something else is asked for, and test/iam/reviewed.json gives no reason.
// The stage `local` is read with the edge off and on, and with its streams in a Web Function and in containers. Three
// functions are in none of them: the one that leads users of a pool back to the page may write its own log and nothing else (test/stack/sign-in.test.ts), the canary may read its credential and sign
// in with it (test/stack/canary.test.ts, and test/end-to-end/canary.test.ts uses it), and the gauge may scan the connections
// table (test/stack/gauge.test.ts, and test/end-to-end/gauge.test.ts uses it).

const help = `npm run -s iam:report -- [--usage DIR]

Compares what the template grants each function with what the end-to-end tests made it use.

  --usage DIR  what a run of the tests noted with TASKWIRE_IAM_USAGE=DIR; without it the tests are run now

Exit status: 0 each difference has its reason in test/iam/reviewed.json, 1 one has none, 2 wrong usage.`;

const projectRoot = path.join(import.meta.dirname, '..');
const reviewedFile = 'test/iam/reviewed.json';

/** With the edge on there are functions besides, and each host has a role. A grant that two of them have counts once. */
const stages = [
  { edge: 'off' },
  { edge: 'on' },
  { streamHost: 'web-function' },
  { streamHost: 'container' },
] as const;

/** The tests that note what is used. */
const testRuns = [
  ['test', '--silent', '--', 'test/end-to-end'],
  ['run', '--silent', 'test:hosts'],
] as const;

/** Gives what a form of the stage `local` grants its functions. */
async function grantsOf(stage: (typeof stages)[number], assembly: string): Promise<Grant[]> {
  await synthesizeLocalStage(assembly, stage);
  return readGrants(assembly);
}

/** Runs the end-to-end tests, which note what they use in the directory. */
async function runTests(usageDirectory: string): Promise<void> {
  for (const run of testRuns) {
    const code = await runNpm([...run], {
      cwd: projectRoot,
      env: { ...process.env, TASKWIRE_IAM_USAGE: usageDirectory },
      // The report alone goes to stdout.
      stdio: ['ignore', 2, 2],
    });
    if (code !== 0) throw new CommandError('the end-to-end tests failed: what they use is not known');
  }
}

function printed(title: string, lines: readonly PermissionLine[]): string[] {
  if (lines.length === 0) return [];
  return [
    `  ${title}`,
    ...lines.map(
      ({ action, resource, count, reason }) =>
        `    ${action} on ${resource}${count > 0 ? ` (${count})` : ''}${reason === undefined ? '' : `: ${reason}`}`,
    ),
  ];
}

async function report(directory: string, usage: string | undefined): Promise<boolean> {
  const recorded = usage ?? path.join(directory, 'usage');
  const grants = await Promise.all(
    stages.map((stage, index) => grantsOf(stage, path.join(directory, `stage-${index}`))),
  );
  if (usage === undefined) await runTests(recorded);
  const reviewed = readReviewed(path.join(projectRoot, reviewedFile));
  const { used, unused, denied, stale } = comparePermissions(grants.flat(), readUse(recorded), reviewed);
  const names = [...new Set([...used, ...unused, ...denied].map((line) => line.function))].toSorted();
  for (const name of names) {
    const own = (lines: readonly PermissionLine[]): PermissionLine[] =>
      lines.filter((line) => line.function === name);
    console.log(
      [
        name,
        ...printed('granted and used', own(used)),
        ...printed('granted but never used', own(unused)),
        ...printed('used but denied', own(denied)),
      ].join('\n'),
    );
  }
  const open = [...unused, ...denied].filter(({ reason }) => reason === undefined);
  for (const { function: name, action, resource, count } of open) {
    const advice =
      count === 0
        ? 'is never used: remove the grant from lib/, test what uses it'
        : 'is denied: grant it in lib/';
    console.error(`${name}: ${action} on ${resource} ${advice}, or give a reason in ${reviewedFile}`);
  }
  for (const { function: name, action, resource, finding } of stale) {
    console.error(
      `${reviewedFile}: ${name}: ${action} on ${resource} is no longer ${finding}: remove the line`,
    );
  }
  return open.length + stale.length === 0;
}

await runCommand({
  name: 'iam:report',
  call: 'npm run -s iam:report',
  help,
  options: { usage: { type: 'string' } },
  run: async ({ usage }) => {
    if (usage !== undefined && !existsSync(usage))
      throw new CommandError(`there is no ${usage}: run the tests with TASKWIRE_IAM_USAGE=${usage} first`);
    const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-iam-'));
    try {
      return (await report(directory, usage)) ? 0 : 1;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
});
