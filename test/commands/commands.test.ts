import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { project, runCommandFile } from './command.ts';

const { scripts } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const checkNode = './tools/check-node.cjs';

/** Name → file of each command that is our own. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const file = new RegExp(`^node --require ${checkNode} (\\S+\\.ts)$`).exec(script)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});

/** Command of the table in README.md → the test that runs it. */
const ranBy: Readonly<Record<string, string>> = {
  start: 'test/commands/start.test.ts',
  token: 'test/commands/start.test.ts',
  bench: 'test/bench/command.test.ts',
  smoke: 'test/smoke/smoke.test.ts',
  redrive: 'test/operate/redrive-command.test.ts',
  drain: 'test/operate/drain.test.ts',
  cost: 'test/operate/cost.test.ts',
  'verify:account': 'test/operate/verify-account.test.ts',
  connections: 'test/end-to-end/connections-command.test.ts',
  canary: 'test/operate/canary-command.test.ts',
  log: 'test/end-to-end/log-rebuild.test.ts',
  'log:rebuild': 'test/end-to-end/log-rebuild.test.ts',
  review: 'test/review/review-command.slow.test.ts',
  scale: 'test/scale/command.test.ts',
};

/** Those that CI runs, or one of its other workflows. */
const ranByCi = new Set([
  'test',
  'test:slow',
  'check',
  'check:clients',
  'check:examples',
  'check:long',
  'synth',
  'emulator',
  'iam:report',
  'faults',
  'client:pack',
]);

describe('the commands of README.md', () => {
  const table = readFileSync(path.join(project, 'README.md'), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `npm (?:run (?:-s )?)?([\w:]+)/.exec(line)?.[1] ?? []);

  it('are all run', () => {
    expect(table.length).toBeGreaterThanOrEqual(12);
    expect(table.filter((name) => !(name in ranBy) && !ranByCi.has(name))).toEqual([]);
    expect(Object.values(ranBy).filter((file) => !existsSync(path.join(project, file)))).toEqual([]);
  });

  it('are in package.json', () => {
    expect(table.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it.each(commands)(
  'npm run %s explains itself, and refuses in one line what it does not know',
  async (name, file) => {
    // Together: most of the time goes into loading the command.
    const [help, short, ...refused] = await Promise.all(
      ['--help', '-h', '--no-such-option', 'stray'].map((flag) => runCommandFile(file, [flag])),
    );
    expect(help).toEqual({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(name === 'start' ? 'npm start' : name),
    });
    expect(short).toEqual(help);
    for (const [index, { code, stdout, stderr }] of refused.entries()) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(['--no-such-option', 'stray'][index]);
      expect(stderr).toContain('-- --help');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  },
);

it('every command of our own goes through the look at the version of Node', () => {
  expect(commands.length).toBeGreaterThanOrEqual(12);
  const bare = Object.values(scripts).filter((script) =>
    /^node (?!--require|--experimental-vm)/.test(script),
  );
  expect(bare).toEqual([]);
  expect(readFileSync(path.join(project, 'cdk.json'), 'utf8')).toContain(`node --require ${checkNode} bin/`);
});

describe('a Node that', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-node-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    ['20.20.2', false],
    ['22.17.1', false],
    ['22.18.0', true],
    ['23.5.0', false],
    ['24.0.0', true],
  ])('is %s may run the commands: %s', (version, may) => {
    const claim = path.join(directory, 'claim.cjs');
    const versions = `{ ...process.versions, node: '${version}' }`;
    writeFileSync(claim, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    const flags = ['--require', claim, '--require', checkNode, '-e', 'console.log("ran")'];
    const { status, stdout, stderr } = spawnSync(process.execPath, flags, { cwd: project, encoding: 'utf8' });
    if (may) expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'ran\n', stderr: '' });
    else {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe(
        `taskwire: Node ${version} cannot run this. The Node that npm ci brings is missing: type npm rebuild node, and run the command through npm; or use Node 22.18 or newer.\n`,
      );
    }
  });
});

describe('where nothing answers, one line says what to do', () => {
  const deadDatabase = { ...process.env, DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' };
  const start = 'no DynamoDB answers at DYNAMODB_ENDPOINT=http://127.0.0.1:9';

  it.each([
    [
      'smoke',
      'tools/smoke.ts',
      // Above the ports that systems give to programs: nobody listens there.
      ['--base-url', 'http://127.0.0.1:65535', '--token', 'a.b.c'],
      {},
      'check host and port',
    ],
    [
      'drain',
      'operate/drain.ts',
      ['--connections-table', 'x', '--endpoint', 'http://127.0.0.1:9'],
      {},
      '--endpoint',
    ],
    [
      'drain on AWS',
      'operate/drain.ts',
      ['--connections-table', 'x', '--endpoint', 'http://nowhere.invalid'],
      {},
      'check the network',
    ],
    ['token', 'local/commands/token.ts', ['--sub', 'alice', '--port', '9'], {}, 'no stack runs on port 9'],
    ['start', 'local/commands/start.ts', ['--port', '0'], deadDatabase, start],
    [
      'iam:report',
      'tools/iam-report.ts',
      ['--usage', 'nowhere'],
      {},
      'run the tests with TASKWIRE_IAM_USAGE=nowhere',
    ],
  ] as const)('%s', async (_, file, flags, environment, advice) => {
    const { code, stderr } = await runCommandFile(file, flags, { ...process.env, ...environment });
    expect(code).toBe(1);
    expect(stderr).toContain(advice);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('data that cannot be kept is refused in one line', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-data-'));
  const file = path.join(directory, 'file');
  beforeAll(() => writeFileSync(file, ''));
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    ['a file', file, `${file} is a file`],
    ['a directory in a file', path.join(file, 'data'), `${file} is a file`],
    // The system refuses it to everybody.
    [
      'a place that takes no files',
      path.join(path.parse(project).root, 'proc', 'taskwire'),
      '; name a directory',
    ],
  ])('%s', async (_, data, reason) => {
    const { code, stderr } = await runCommandFile('local/commands/start.ts', ['--port', '0', '--data', data]);
    expect(code).toBe(1);
    expect(stderr).toContain(`taskwire: --data ${data}: `);
    expect(stderr).toContain(reason);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
