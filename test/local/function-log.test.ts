import { jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeFault } from '../../commands/fault-text.ts';
import { functionLog } from '../../local/functions/function-log.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-log-'));
const bundle = path.join(directory, 'index.mjs');
const code = Array.from({ length: 1000 }, (_, index) => `const bundled${index} = 1;`).join(' ');
afterAll(() => rmSync(directory, { recursive: true }));

/** What Node prints on stderr when a bundle crashes. */
function crash(): string[] {
  writeFileSync(bundle, `${code}; throw new TypeError('what went wrong');`);
  return spawnSync(process.execPath, [bundle], { encoding: 'utf8' }).stderr.split('\n');
}

describe.each([false, true])('the log of the functions, verbose: %s', (isVerbose) => {
  let printed: string[];
  beforeEach(() => {
    printed = [];
    jest.spyOn(console, 'error').mockImplementation((line: string) => printed.push(line));
  });
  afterEach(() => jest.restoreAllMocks());

  it('tells of a crash, and shows nothing of the bundle', () => {
    const lines = crash();
    expect(lines.join('\n')).toContain('const bundled');
    const log = functionLog(isVerbose);
    for (const text of lines) log({ functionName: 'stream', stream: 'stderr', text });
    expect(printed).toContain('[stream] TypeError: what went wrong');
    expect(printed.join('\n')).not.toContain('const bundled');
  });

  it('goes on with what comes after a crash, and with other functions meanwhile', () => {
    const log = functionLog(isVerbose);
    const [place = '', ...rest] = crash().filter((line) => line !== '');
    log({ functionName: 'stream', stream: 'stderr', text: place });
    log({ functionName: 'tasks', stream: 'stderr', text: 'of another function' });
    for (const text of rest) log({ functionName: 'stream', stream: 'stderr', text });
    log({ functionName: 'stream', stream: 'stderr', text: 'afterwards' });
    expect(printed).toEqual(expect.arrayContaining(['[tasks] of another function', '[stream] afterwards']));
  });
});

describe('the short log of the functions', () => {
  it.each([
    [
      'what a function says, with its error',
      { level: 'WARN', message: 'a table is throttled', error: { name: 'Throttled', message: 'too much' } },
      '[tasks] WARN a table is throttled: Throttled: too much',
    ],
    [
      'what Lambda says of an error by itself',
      { level: 'ERROR', message: 'it failed', errorType: 'TypeError', errorMessage: 'oh' },
      '[tasks] ERROR it failed: TypeError: oh',
    ],
    ['what goes as it should', { level: 'INFO', message: 'session ended' }, undefined],
    ['metrics', { _aws: {}, service: 'tasks', ReadUnits: 1 }, undefined],
  ])('has %s', (_, line, expected) => {
    const printed: string[] = [];
    jest.spyOn(console, 'error').mockImplementation((text: string) => printed.push(text));
    functionLog(false)({ functionName: 'tasks', stream: 'stdout', text: JSON.stringify(line) });
    jest.restoreAllMocks();
    expect(printed).toEqual(expected === undefined ? [] : [expected]);
  });
});

describe('an error that nobody foresaw', () => {
  it('is its message, its cause and its places, without code', () => {
    const error = new Error(`Command failed\n${code}`, { cause: new Error(code) });
    const text = describeFault(error);
    expect(text.split('\n')[0]).toBe('Error: Command failed');
    expect(text).toMatch(/^ {4}at .*function-log\.test\.ts/m);
    expect(text.split('\n').every((line) => line.length < 350)).toBe(true);
  });

  it('may be anything that is thrown', () => {
    expect(describeFault('text')).toBe('text');
    expect(describeFault(undefined)).toBe('undefined');
  });
});
