/** `npm run smoke`: tests a deployment from outside and says what does not work, what that means, and what to do. */
import { writeFileSync } from 'node:fs';
import { UsageError } from './command-line.ts';
import { help, readCommandLine } from './smoke/command-line.ts';
import type { SmokeCommand } from './smoke/command-line.ts';
import { redactor, stepLines, summaryLine } from './smoke/report.ts';
import { runSmokeTest } from './smoke/run.ts';

async function test(command: SmokeCommand): Promise<boolean> {
  const { baseUrl, token, adminToken, json } = command;
  const redact = redactor([token, ...(adminToken === undefined ? [] : [adminToken])]);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  console.log(`smoke test of ${baseUrl.origin}`);
  const { results, passed } = await runSmokeTest(command, interrupt.signal, (result) => {
    console.log(redact(stepLines(result)));
  });
  console.log(summaryLine(results));
  if (json !== undefined) {
    const report = { baseUrl: baseUrl.origin, passed, steps: results };
    writeFileSync(json, `${redact(JSON.stringify(report, undefined, 2))}\n`);
  }
  return passed && !interrupt.signal.aborted;
}

try {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command === 'help') console.log(help);
  else process.exitCode = (await test(command)) ? 0 : 1;
} catch (error) {
  console.error(
    error instanceof UsageError ? `smoke: ${error.message}; see npm run -s smoke -- --help` : error,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
