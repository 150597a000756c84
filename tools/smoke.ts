/** `npm run smoke`: tests a deployment from outside and says what does not work, what that means, and what to do. */
import { writeFileSync } from 'node:fs';
import { runCommand } from '../commands/command-line.ts';
import { CommandError } from '../commands/command-error.ts';
import { help, options, readSmokeCommand } from './smoke/command-line.ts';
import type { SmokeCommand } from './smoke/command-line.ts';
import { connectFailure } from './smoke/failure.ts';
import { redactor, stepLines, summaryLine } from './smoke/report.ts';
import { runSmokeTest } from './smoke/run.ts';
import type { StepResult } from './smoke/steps.ts';

async function test(command: SmokeCommand): Promise<boolean> {
  const { baseUrl, token, adminToken, json, limitMs } = command;
  const redact = redactor([token, ...(adminToken === undefined ? [] : [adminToken])]);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const keep = (passed: boolean, steps: readonly StepResult[]): void => {
    if (json === undefined) return;
    const report = { baseUrl: baseUrl.origin, passed, steps };
    writeFileSync(json, `${redact(JSON.stringify(report, undefined, 2))}\n`);
  };
  // Where nothing answers, every step would say so.
  const failure = await connectFailure(baseUrl, limitMs);
  if (failure !== undefined) {
    const { message: found, meaning, remedy } = failure;
    keep(false, [{ name: 'reach the deployment', outcome: 'failed', ms: 0, found, meaning, remedy }]);
    throw new CommandError(`${baseUrl.origin}: ${meaning} (${found}): ${remedy}`);
  }
  console.log(`smoke test of ${baseUrl.origin}`);
  const { results, passed } = await runSmokeTest(command, interrupt.signal, (result) => {
    console.log(redact(stepLines(result)));
  });
  console.log(summaryLine(results));
  keep(passed, results);
  return passed && !interrupt.signal.aborted;
}

await runCommand({
  name: 'smoke',
  call: 'npm run -s smoke',
  help,
  options,
  run: async (flags) => ((await test(readSmokeCommand(flags, process.env))) ? 0 : 1),
});
