/** `npm run verify:account`: asks an account what only an account can tell. */
import { readFileSync, writeFileSync } from 'node:fs';
import { runCommand, UsageError } from '../commands/command-line.ts';
import { redactor } from '../tools/smoke/report.ts';
import { dryRunNote } from './stack/apply.ts';
import { explain } from './stack/explain.ts';
import type { VerifyFlags } from './verify-account/command-line.ts';
import {
  billedDay,
  checkFlags,
  chosenExperiments,
  givenNeeds,
  help,
  options,
} from './verify-account/command-line.ts';
import { withExperiments } from './verify-account/document.ts';
import type { Experiment } from './verify-account/experiment.ts';
import { experiments } from './verify-account/experiments.ts';
import { givenToken, openContext } from './verify-account/open-context.ts';
import { countOf, planText, reportOf, resultLines } from './verify-account/report.ts';
import { runExperiments } from './verify-account/run.ts';

const documentFile = new URL('../docs/DEPLOY.md', import.meta.url);

function writeList(): void {
  const before = readFileSync(documentFile, 'utf8');
  const after = withExperiments(before, experiments);
  writeFileSync(documentFile, after);
  console.log(after === before ? 'docs/DEPLOY.md is as it was' : 'docs/DEPLOY.md is written anew');
}

/** @returns the exit status. */
async function askAccount(flags: VerifyFlags, chosen: readonly Experiment[]): Promise<number> {
  const token = givenToken(flags, process.env);
  const redact = redactor(token === undefined ? [] : [token]);
  const opened = await openContext(flags, process.env);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const say = (line: string): void => console.error(redact(`verify:account: ${line}`));
  const results = await runExperiments(chosen, { ...opened, say }, interrupt.signal, (result) => {
    console.log(redact(resultLines(result)));
  });
  opened.tables.client.destroy();
  const where = flags.stage === undefined ? 'a local stack' : `stage ${flags.stage}`;
  const report = redact(reportOf(where, new Date().toISOString(), results));
  if (flags.out !== undefined) writeFileSync(flags.out, report);
  const [same, different] = [countOf(results, 'as assumed'), countOf(results, 'differs')];
  console.log(
    `${same} as assumed, ${different} differ, ${countOf(results, 'could not tell')} could not tell`,
  );
  return different > 0 || same === 0 ? 1 : 0;
}

await runCommand({
  name: 'verify:account',
  call: 'npm run verify:account',
  help,
  options,
  explain: (error) =>
    error instanceof Error && error.name === 'StageConfigError' ? error.message : explain(error),
  run: async (flags) => {
    const chosen = chosenExperiments(flags);
    if (flags['write-list']) {
      if (flags.apply || flags.stage !== undefined) throw new UsageError('--write-list goes alone');
      return writeList();
    }
    checkFlags(flags);
    billedDay(flags, Date.now());
    console.log(planText(chosen, givenNeeds(flags)));
    if (flags.apply) return askAccount(flags, chosen);
    console.log(dryRunNote);
  },
});
