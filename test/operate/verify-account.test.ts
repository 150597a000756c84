import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  billedDay,
  checkFlags,
  chosenExperiments,
  options,
} from '../../operate/verify-account/command-line.ts';
import type { VerifyFlags } from '../../operate/verify-account/command-line.ts';
import { withExperiments } from '../../operate/verify-account/document.ts';
import type { Experiment, Finding } from '../../operate/verify-account/experiment.ts';
import { experiments } from '../../operate/verify-account/experiments.ts';
import { planText, reportOf, resultLines } from '../../operate/verify-account/report.ts';
import { runExperiments } from '../../operate/verify-account/run.ts';
import { quantile, together } from '../../operate/verify-account/statistics.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { accountContext } from './experiment-context.ts';
import { runOperatorCommand } from './operator-command.ts';

const read = (...args: readonly string[]): VerifyFlags => parseArgs({ args: [...args], options }).values;

/** An experiment that does this. */
function experimentThat(run: Experiment['run'], more: Partial<Experiment> = {}): Experiment {
  return { ...experiments[0]!, name: 'made-up', needs: [], run, ...more };
}

const fine: Finding = { verdict: 'as assumed', found: 'it is so', measured: { 'time, ms': 3 } };
const other: Finding = { verdict: 'differs', found: 'it is not', measured: {} };

describe('docs/DEPLOY.md', () => {
  const text = readFileSync(new URL('../../docs/DEPLOY.md', import.meta.url), 'utf8');

  it('has the experiments as `npm run verify:account -- --write-list` writes them', () => {
    expect(withExperiments(text, experiments)).toBe(text);
  });

  it('must have a place for them', () => {
    expect(() => withExperiments('no place', experiments)).toThrow('has no place for the experiments');
  });
});

describe('the experiments', () => {
  it('have names of their own', () => {
    const names = experiments.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('cost less than a dollar and take less than an evening, all together', () => {
    const sum = (of: 'cents' | 'minutes'): number => experiments.reduce((total, each) => total + each[of], 0);
    expect(sum('cents')).toBeLessThan(100);
    expect(sum('minutes')).toBeLessThan(4 * 60);
  });

  it('name files that are there', () => {
    const root = path.join(import.meta.dirname, '../..');
    const texts = experiments.flatMap(({ dependsOn, change }) => [dependsOn, change]);
    const files = texts.flatMap((text) =>
      [...text.matchAll(/`([\w-]+\/[\w./-]+\.ts)`/g)].map(([, file]) => file!),
    );
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(readFileSync(path.join(root, file), 'utf8')).not.toBe('');
  });
});

describe('a run', () => {
  const run = (
    chosen: readonly Experiment[],
    more: Parameters<typeof accountContext>[1] = {},
    interrupt = new AbortController().signal,
  ): ReturnType<typeof runExperiments> =>
    runExperiments(chosen, accountContext({}, more), interrupt, () => undefined);

  it('goes on after an experiment that fails, and says why', async () => {
    const failing = experimentThat(async () => {
      throw new Error('the database is gone');
    });
    const results = await run([failing, experimentThat(async () => fine)]);
    expect(results.map(({ finding }) => finding)).toEqual([
      { verdict: 'could not tell', found: 'Error: the database is gone', measured: {} },
      fine,
    ]);
  });

  it('leaves out what lacks something, and says what', async () => {
    const needing = (need: Experiment['needs'][number]): Experiment =>
      experimentThat(async () => fine, { needs: [need] });
    const results = await run((['aws', 'edge', 'socket', 'time', 'settings'] as const).map(needing), {
      aws: undefined,
      mayTakeHours: false,
      mayChangeSettings: false,
    });
    expect(results.map(({ finding }) => `${finding.verdict}: ${finding.found}`)).toEqual([
      'could not tell: it needs an account, and so --stage',
      'could not tell: it needs a stage whose edge is on',
      'could not tell: nobody has said where the WebSocket is: --socket-url',
      'could not tell: it takes hours, which --long allows',
      'could not tell: it changes settings for some minutes, which --change-settings allows',
    ]);
  });

  it('stops an experiment that takes too long, and goes on', async () => {
    const endless = experimentThat(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      { minutes: 0.0001 },
    );
    const results = await run([endless, experimentThat(async () => fine)]);
    expect(results.map(({ finding }) => finding.found)).toEqual(['it took too long', 'it is so']);
  });

  it('that is stopped runs no further experiment', async () => {
    const stop = new AbortController();
    const stopping = experimentThat(async () => {
      stop.abort();
      return fine;
    });
    const results = await run([stopping, experimentThat(async () => other)], {}, stop.signal);
    expect(results.map(({ finding }) => finding.found)).toEqual(['it is so', 'it was stopped']);
  });

  it('is reported with what was measured, and what to change where it differs', async () => {
    const results = await run([
      experimentThat(async () => fine, { name: 'one' }),
      experimentThat(async () => other, { name: 'two', change: 'the usual' }),
      experimentThat(async () => ({ ...other, change: 'something else' }), { name: 'three' }),
    ]);
    const report = reportOf('stage dev', '2026-11-27T20:00:00Z', results);
    expect(report).toContain('1 as assumed, 2 differ, 0 could not tell');
    expect(report).toContain('| time, ms | 3     |');
    expect(report).toMatch(/## two: differs[^#]*It is not\.[^#]*Change: the usual\./);
    expect(report).toMatch(/## three: differs[^#]*Change: something else\./);
    expect(report).not.toMatch(/## one: as assumed[^#]*Change:/);
    expect(resultLines(results[1]!)).toContain('✗ two, 0 s: differs: it is not');
  });
});

describe('verdicts and numbers', () => {
  it('are the worst of several', () => {
    expect(together([])).toBe('could not tell');
    expect(together(['as assumed', 'could not tell'])).toBe('could not tell');
    expect(together(['could not tell', 'differs', 'as assumed'])).toBe('differs');
  });

  it('are found by their share', () => {
    expect([0, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 2, 4]);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('the plan', () => {
  it('leaves out what the command line lacks, and counts the rest', () => {
    const plan = planText(chosenExperiments({ only: 'held-chunks,prices,padding' }), ['socket', 'aws']);
    expect(plan).toMatch(/^held-chunks +nothing, or tasks of its own +1 +2$/m);
    expect(plan).toMatch(/^padding +left out: it changes settings .* 0 +0$/m);
    expect(plan).toMatch(/^together, at the most +2 +3$/m);
  });
});

describe('npm run verify:account', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-verify-'));
  let stack: TestStack;
  let local: readonly string[];
  beforeAll(async () => {
    stack = await TestStack.start();
    const { tables, databaseEndpoint, socketsEndpoint, url } = stack.local;
    // All that npm start prints.
    const flags = {
      'base-url': url,
      'tasks-table': tables['tasks']!,
      'events-table': tables['events']!,
      'connections-table': tables['connections']!,
      'sockets-endpoint': socketsEndpoint,
      endpoint: databaseEndpoint,
    };
    local = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await stack.close();
  });

  it('does nothing unless it is told to', async () => {
    const { code, stdout, stderr } = await runOperatorCommand('operate/verify-account.ts', local);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^prices +left out: it needs an account/m);
    expect(stdout).toContain('nothing was changed');
  });

  it('asks a local stack as far as that goes, reports, and leaves neither tasks nor a token', async () => {
    const token = await stack.local.issuer.sign({ sub: 'alice', workspace: 'verified' });
    const out = path.join(directory, 'report.md');
    const flags = ['--only', 'empty-answer,socket-frames,held-chunks,prices', '--apply', '--out', out];
    const { code, stdout, stderr } = await runOperatorCommand(
      'operate/verify-account.ts',
      [...local, ...flags],
      { TASKWIRE_TOKEN: token },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ held-chunks, \d+ s: as assumed: every event came by itself$/m);
    expect(stdout).toMatch(/^\? prices, 0 s: could not tell: it needs an account/m);
    expect(stdout).toMatch(/^3 as assumed, 0 differ, 1 could not tell$/m);
    const report = readFileSync(out, 'utf8');
    expect(report).toContain('## socket-frames: as assumed');
    for (const part of token.split('.')) expect(stdout + report).not.toContain(part);
    const root = { sub: 'root', workspace: 'verified', admin: true };
    expect((await stack.request(root, 'GET', '/tasks')).body.tasks).toEqual([]);
  });

  it('ends with 1 where nothing could be told', async () => {
    const flags = [...local, '--only', 'prices', '--token', 'a.b.c', '--apply'];
    const { code, stdout } = await runOperatorCommand('operate/verify-account.ts', flags);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^0 as assumed, 0 differ, 1 could not tell$/m);
  });

  it.each([
    ['no stage', [], /name what to ask/],
    ['a local stage', ['--stage', 'local'], /--stage takes dev, staging, production/],
    ['a stage and its tables', ['--stage', 'dev', '--events-table', 'x'], /leave --events-table out/],
    ['changes on production', ['--stage', 'production', '--change-settings'], /not for production/],
    [
      'changes of a local stack',
      ['--base-url', 'x', '--events-table', 'x', '--connections-table', 'x', '--change-settings'],
      /for a deployed stage/,
    ],
  ])('refuses %s', (_, args, message) => {
    expect(() => checkFlags(read(...args))).toThrow(message);
  });

  it('refuses days and experiments that there are not, and knows yesterday', () => {
    expect(billedDay(read(), Date.parse('2026-12-01T01:00:00Z'))).toBe('2026-11-30');
    expect(billedDay(read('--day', '2026-11-27'), 0)).toBe('2026-11-27');
    expect(() => billedDay(read('--day', '2026-13-41'), 0)).toThrow('--day takes a day');
    expect(() => chosenExperiments({ only: 'latency,nonsense' })).toThrow('"nonsense"');
    expect(chosenExperiments({ only: 'reads, latency' }).map(({ name }) => name)).toEqual([
      'latency',
      'reads',
    ]);
  });
});
