import type { MemoryGrowth } from './memory.ts';
import type { FuzzFailure, FuzzReport } from './run.ts';

/** The outcome of a run as text. */
export function describeReport(report: FuzzReport, growth: readonly MemoryGrowth[]): string {
  const { count, seconds, coverage, ends, failed, crashed } = report;
  const routes = Object.entries(coverage.routes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    `${count} answered in ${seconds.toFixed(0)} s (${(count / seconds).toFixed(0)} a second)`,
    ...routes.map(([route, statuses]) => `${route.padEnd(42)} ${describeTally(statuses)}`),
    `${'resumes'.padEnd(42)} ${describeTally(coverage.resumes)}`,
    `${'ends of the kept streams'.padEnd(42)} ${describeTally(ends)}`,
    ...coverage.missing(ends).map((line) => `NOT REACHED: ${line}`),
    `not answered as they must be: ${failed}`,
    `crashed: ${crashed.join(', ') || 'none'}`,
    ...growth.map(
      ({ name, measure, middle, end, isFlat }) =>
        `${name.padEnd(12)} ${measure.padEnd(8)} ${megabytes(middle)} → ${megabytes(end)} MB${isFlat ? '' : '  GROWS'}`,
    ),
  ];
  return lines.join('\n');
}

/** A failure as text, with what it takes to send the request again. */
export function describeFailure({ index, reason, request, answer }: FuzzFailure, seed: number): string {
  const { body, ...rest } = request;
  const sent = { ...rest, ...(body !== undefined && { body: body.toString('latin1').slice(0, 2000) }) };
  return [
    `\nrequest ${index} of seed ${seed}: ${reason}`,
    JSON.stringify(sent),
    `answer: ${answer.status} ${answer.text.slice(0, 500)}`,
  ].join('\n');
}

function describeTally(tally: Readonly<Record<string, number>>): string {
  return Object.entries(tally)
    .map(([key, number]) => `${key}: ${number}`)
    .join('  ');
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1).padStart(6);
}
