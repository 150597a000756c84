import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestStack } from '../end-to-end/stack.ts';
import { invocationRecord } from './batch-samples.ts';
import { FakeAws } from './fake-aws.ts';
import type { Ended } from '../commands/command.ts';
import { runOperatorCommand } from './operator-command.ts';

const tryOut = (flags: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> =>
  runOperatorCommand('operate/redrive.ts', flags, environment);
const redrive: typeof tryOut = (flags, environment) => tryOut([...flags, '--apply'], environment);

const bucketName = 'failed-batches';
const prefix = 'aws/lambda/mapping/shardId-1/2026/01/02';

let stack: TestStack;
let aws: FakeAws;
let directory: string;
let local: readonly string[];
beforeAll(async () => {
  stack = await TestStack.start();
  const eventsTable = stack.local.tables['events']!;
  aws = await FakeAws.start(
    { FailedBatchesBucket: bucketName, EventsTableName: eventsTable, HistorySeconds: '3600' },
    bucketName,
  );
  directory = mkdtempSync(path.join(tmpdir(), 'taskwire-redrive-'));
  local = [
    '--directory',
    directory,
    '--events-table',
    eventsTable,
    '--endpoint',
    stack.local.databaseEndpoint,
  ];
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await aws.close();
  await stack.close();
});

/** The environment of an operator who is signed in, where AWS is the fake. */
const signedIn = (): NodeJS.ProcessEnv => ({
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: stack.local.clientConfiguration.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_S3: aws.url,
  AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url,
  AWS_ENDPOINT_URL_DYNAMODB: stack.local.databaseEndpoint,
});

describe('npm run redrive on AWS', () => {
  it('finds bucket and table by the stage, reads every page, and moves what is done', async () => {
    for (const source of [1, 2, 3]) {
      aws.objects.set(`${prefix}/${source}`, invocationRecord([{ workspace: 'on-aws', source }]));
    }
    const stream = await stack.connect({ sub: 'alice', workspace: 'on-aws' });
    const trial = await tryOut(['--stage', 'dev'], signedIn());
    expect(trial).toMatchObject({ code: 0, stderr: '' });
    expect(trial.stdout.match(/on-aws +would be told to load again$/gm)).toHaveLength(3);
    expect([...aws.objects.keys()].filter((name) => !name.startsWith('aws/lambda/'))).toEqual([]);
    const run = await redrive(['--stage', 'dev'], signedIn());
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout.match(/on-aws +told to load again$/gm)).toHaveLength(3);
    await stream.until(() => stream.withoutPings.length >= 4);
    expect([...aws.objects.keys()].toSorted()).toEqual(
      [1, 2, 3].map((source) => `redriven/${prefix}/${source}`),
    );
    const again = await redrive(['--stage', 'dev'], signedIn());
    expect(again).toEqual({ code: 0, stdout: 'there are no failed batches\n', stderr: '' });
  });

  it.each([
    [
      'a stage that is not deployed',
      ['--stage', 'production'],
      {},
      'there is no stack Taskwire-production in us-east-1',
    ],
    [
      'no credentials',
      ['--stage', 'dev'],
      {
        AWS_ACCESS_KEY_ID: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_EC2_METADATA_DISABLED: 'true',
        HOME: '/nonexistent',
      },
      'AWS takes no credentials from here (CredentialsProviderError: ',
    ],
    ['no region', ['--stage', 'dev'], { AWS_REGION: undefined, HOME: '/nonexistent' }, 'set AWS_REGION'],
    ['a wrong bucket', ['--bucket', 'other', '--events-table', 'x'], {}, 'there is no such bucket'],
  ])('says what to do with %s', async (_, flags, environment, message) => {
    const run = await redrive(flags, { ...signedIn(), ...environment });
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(message) });
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('npm run redrive on a local stack', () => {
  it('goes on after what it cannot read, keeps it, and ends with 1', async () => {
    const folder = path.join(directory, prefix);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, '1'), 'nonsense');
    writeFileSync(path.join(folder, '2'), invocationRecord([{ workspace: 'unreadable', source: 2 }]));
    const run = await redrive(local);
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/\/1 +\? +not done: the object is not JSON\n/);
    expect(run.stdout).toMatch(/\/2 +1 +unreadable +told to load again\n/);
    expect(run.stderr).toBe('redrive: 1 of 2 batches are not done\n');
    expect((await redrive(local)).stderr).toBe('redrive: 1 of 1 batches are not done\n');
    rmSync(folder, { recursive: true });
  });

  it('keeps every batch where the log cannot be reached', async () => {
    const folder = path.join(directory, prefix);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, '3'), invocationRecord([{ workspace: 'elsewhere', source: 3 }]));
    const gone = await redrive([...local.slice(0, -1), 'http://127.0.0.1:1']);
    expect(gone.stdout).toMatch(
      /not done: nothing answers there: check that the stack runs, and --endpoint\n/,
    );
    const wrong = await redrive(local.map((flag, index) => (index === 3 ? 'no-such-table' : flag)));
    expect(wrong.stdout).toMatch(/not done: there is no such table/);
    expect([gone.code, wrong.code]).toEqual([1, 1]);
    expect((await redrive(local)).stdout).toMatch(/elsewhere +told to load again\n/);
  });

  it.each([
    [[], 'name what to redrive'],
    [['--stage', 'prod'], '--stage takes dev, staging, production'],
    [['--stage', 'local'], '--stage takes dev, staging, production'],
    [['--stage', 'dev', '--bucket', 'x'], 'leave --bucket out'],
    [['--bucket', 'x', '--directory', 'y', '--events-table', 'z'], 'one of them only'],
    [['--bucket', 'x'], '--events-table is missing'],
    [['--directory', 'x', '--events-table', 'y'], '--endpoint is missing'],
    [['--directory', 'x', '--events-table', 'y', '--endpoint', 'z'], '--endpoint takes a URL'],
    [['--bucket', 'x', '--events-table', 'y', '--history-seconds', '0'], '--history-seconds takes'],
    [['--force'], "Unknown option '--force'"],
    [['--dry-run'], "Unknown option '--dry-run'"],
  ])('refuses the command line %j', async (flags, message) => {
    const run = await redrive(flags);
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('says so where the directory is not there', async () => {
    const flags = ['--directory', '/nonexistent', '--events-table', 'x', '--endpoint', 'http://127.0.0.1:1'];
    expect(await redrive(flags)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'redrive: there is no /nonexistent\n',
    });
  });
});
