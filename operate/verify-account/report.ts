import { columns } from '../../commands/columns.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import type { Experiment, Need, Verdict } from './experiment.ts';
import type { Result } from './run.ts';
import { lackWords } from './run.ts';

const marks: Readonly<Record<Verdict, string>> = { 'as assumed': '✓', differs: '✗', 'could not tell': '?' };

/** What is printed of an experiment when it is over. */
export function resultLines({ experiment, finding, seconds }: Result): string {
  const { verdict, found, measured, change = experiment.change } = finding;
  const numbers = Object.entries(measured).map(([name, value]) => `${name}: ${value}`);
  return [
    `${marks[verdict]} ${experiment.name}, ${Math.round(seconds)} s: ${verdict}: ${found}`,
    ...(numbers.length > 0 ? [`    ${numbers.join('; ')}`] : []),
    ...(verdict === 'differs' ? [`    assumed: ${experiment.assumed}`, `    change: ${change}`] : []),
  ].join('\n');
}

/**
 * What experiments would do, what they cost and how long they take; those that would be left out say why.
 * @param given what there is of what they need, as far as the command line tells.
 */
export function planText(chosen: readonly Experiment[], given: readonly Need[]): string {
  const plans = chosen.map((experiment) => {
    const lacks = experiment.needs.find((need) => need !== 'edge' && !given.includes(need));
    return {
      experiment,
      lacks,
      cents: lacks ? 0 : experiment.cents,
      minutes: lacks ? 0 : experiment.minutes,
    };
  });
  const rows = plans.map(({ experiment: { name, needs }, lacks, cents, minutes }) => {
    const changes = needs.includes('settings') ? 'settings of a function' : 'nothing, or tasks of its own';
    return [name, lacks ? `left out: ${lackWords[lacks]}` : changes, String(cents), String(minutes)];
  });
  const sum = (of: 'cents' | 'minutes'): number => plans.reduce((total, each) => total + each[of], 0);
  const total = ['together, at the most', '', String(sum('cents')), String(sum('minutes'))];
  return columns([['experiment', 'changes', 'cents', 'minutes'], ...rows, total], 2);
}

/** How many findings there are of each verdict. */
export function countOf(results: readonly Result[], wanted: Verdict): number {
  return results.filter(({ finding }) => finding.verdict === wanted).length;
}

/**
 * The report: a table of all findings, then each with what was assumed, what was found, and what to change.
 * @param where the stage, or the address of a local one.
 * @param at when it was run, ISO 8601.
 */
export function reportOf(where: string, at: string, results: readonly Result[]): string {
  const rows = results.map(({ experiment: { name, question }, finding: { verdict } }) => [
    name,
    question,
    verdict,
  ]);
  return [
    `# What the account tells: ${where}`,
    `Run at ${at}: ${countOf(results, 'as assumed')} as assumed, ${countOf(results, 'differs')} differ, ${countOf(results, 'could not tell')} could not tell.`,
    markdownTable(['experiment', 'question', 'verdict'], rows),
    ...results.map(sectionOf),
    '',
  ].join('\n\n');
}

function sectionOf({ experiment, finding, seconds }: Result): string {
  const { verdict, found, measured, change = experiment.change } = finding;
  const numbers = Object.entries(measured).map(([name, value]) => [name, String(value)]);
  return [
    `## ${experiment.name}: ${verdict}`,
    `${experiment.question} ${found.charAt(0).toUpperCase()}${found.slice(1)}.`,
    ...(numbers.length > 0 ? [markdownTable(['measured', 'value'], numbers)] : []),
    [
      `- Assumed: ${experiment.assumed}.`,
      `- What depends on it: ${experiment.dependsOn}.`,
      ...(verdict === 'differs' ? [`- Change: ${change}.`] : []),
      `- Took ${Math.round(seconds)} s.`,
    ].join('\n'),
  ].join('\n\n');
}
