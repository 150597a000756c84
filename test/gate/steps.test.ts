import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const project = path.join(import.meta.dirname, '..', '..');
const jestFile = path.join(project, 'node_modules', 'jest', 'bin', 'jest.js');
const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-gate-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a script of steps prints and exits with; `jest` in it runs Jest on one of the directories that are written below. */
function run(script: string): {
  readonly status: number | null;
  readonly last: string;
  readonly all: string;
} {
  const jest = `jest() { (cd "${directory}/$1" && node "${jestFile}" --json --outputFile "$2"); }; export -f jest`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `source .ci/steps.sh\n${jest}\n${script}`], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1', TMPDIR: directory },
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1) ?? '', all: stdout + stderr };
}

/** Makes a project with one file of tests. */
function write(name: string, tests: string): void {
  mkdirSync(path.join(directory, name));
  writeFileSync(path.join(directory, name, 'package.json'), '{}');
  writeFileSync(path.join(directory, name, 'some.test.js'), tests);
}

beforeAll(() => {
  const one = (name: string, body = ''): string => `test('${name}', () => { ${body} });`;
  write('sound', one('a') + one('b'));
  write('failing', one('a') + one('b', 'throw new Error()'));
  write('leaving-out', `${one('a')} test.skip('b', () => {});`);
  write('unreadable', 'import');
});

/** A step with Jest on a directory. */
const jestOn = (name: string): string => `tests 1m 'tests' bash -c 'jest ${name} "$1"' _ RESULTS`;

describe('the steps of a run of checks', () => {
  it('end with the tests of all runners together, colours or not', () => {
    const faults = `echo '{"results": [{"findings": []}, {"findings": []}]}'`;
    const { status, last, all } = run(`
      ${jestOn('sound')}
      tests 1m 'faults' bash -c '${faults.replaceAll("'", `'"'"'`)} >"$1"' _ RESULTS
      step 1m 'lint' true`);
    expect({ status, last }).toEqual({ status: 0, last: '4 passed, 0 failed' });
    expect(all).toMatch(/^✓ +\d+ s {2}lint$/m);
  });

  it.each([
    ['a test that fails', jestOn('failing'), '1 passed, 1 failed'],
    ['a test that is left out', jestOn('leaving-out'), '1 passed, 1 failed'],
    ['a file of tests that cannot be run', jestOn('unreadable'), '0 passed, 1 failed'],
    ['a step that fails after its tests', `${jestOn('sound')}; step 1m 'lint' false`, '2 passed, 1 failed'],
    [
      'a runner that fails after its tests',
      `tests 1m 'x' bash -c 'jest sound "$1"; exit 1' _ RESULTS`,
      '2 passed, 1 failed',
    ],
    ['a step that takes too long', `step 1s 'sleep' sleep 60`, '0 passed, 1 failed'],
    ['a runner that writes nothing', `tests 1m 'x' true`, '0 passed, 1 failed'],
    [
      'a runner without a test',
      `tests 1m 'x' bash -c 'echo "{\\"passed\\":0,\\"failed\\":0}" >"$1"' _ RESULTS`,
      '0 passed, 1 failed',
    ],
    ['no tests at all', `step 1m 'lint' true`, '0 passed, 1 failed'],
    ['nothing at all', '', '0 passed, 1 failed'],
    ['a script that breaks off', `${jestOn('sound')}; exit 3`, '2 passed, 1 failed'],
  ])('fail for %s', (_, script, expected) => {
    const { status, last } = run(script);
    expect(status).not.toBe(0);
    expect(last).toBe(expected);
  });

  it('go on after a failure where they are told to, and fail in the end', () => {
    const { status, last } = run(
      `${jestOn('failing')} || true; step 1m 'lint' false || true; ${jestOn('sound')}`,
    );
    expect({ status, last }).toEqual({ status: 1, last: '3 passed, 2 failed' });
  });
});
