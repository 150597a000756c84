import type { StepResult } from './steps.ts';

const marks = { passed: '✓', failed: '✗', skipped: '-' } as const;
const nameWidth = 38;

/** Gives what to print of a step: one line, and for a failure two more. */
export function stepLines({ name, outcome, ms, found, meaning, remedy }: StepResult): string {
  const time = outcome === 'skipped' ? '' : `${ms} ms`;
  const line = `${marks[outcome]} ${name.padEnd(nameWidth)}${time.padStart(9)}  ${found}`;
  if (meaning === undefined || remedy === undefined) return line;
  return `${line}\n    means: ${meaning}\n    do:    ${remedy}`;
}

/** Gives the last line: how many steps passed, failed and were left out. */
export function summaryLine(results: readonly StepResult[]): string {
  const count = (wanted: StepResult['outcome']): number =>
    results.filter(({ outcome }) => outcome === wanted).length;
  const skipped = count('skipped');
  const rest = skipped === 0 ? '' : `, ${skipped} left out`;
  const failed = count('failed');
  return failed === 0
    ? `passed: ${count('passed')} steps${rest}`
    : `failed: ${failed} of ${count('passed') + failed} steps${rest}`;
}

/**
 * Gives a function that removes these tokens from a text, whole or as the parts between their dots, and whatever looks
 * like a ticket: an answer of the deployment may repeat what it was sent.
 */
export function redactor(tokens: readonly string[]): (text: string) => string {
  const parts = tokens.flatMap((token) => [token, ...token.split('.').filter(({ length }) => length > 8)]);
  return (text) =>
    parts
      .reduce((redacted, part) => redacted.replaceAll(part, '(token)'), text)
      .replaceAll(/(?<![\w-])[\w-]{43}\.[0-9a-z]{1,8}(?![\w-])/g, '(ticket)');
}
