import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ended } from '../commands/command.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { FakeAws } from './fake-aws.ts';
import { runOperatorCommand } from './operator-command.ts';

let stack: TestStack;
let aws: FakeAws;
beforeAll(async () => {
  stack = await TestStack.start();
  const { tables, socketsEndpoint } = stack.local;
  const outputs = {
    TasksTableName: tables['tasks']!,
    EventsTableName: tables['events']!,
    ConnectionsTableName: tables['connections']!,
    SocketsEndpoint: socketsEndpoint,
    HistorySeconds: '3600',
  };
  aws = await FakeAws.start(outputs, 'none');
});
afterAll(async () => {
  await aws.close();
  await stack.close();
});

/** Runs a command as an operator who is signed in, where AWS is the fake. */
function run(file: string, flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return runOperatorCommand(`operate/${file}.ts`, flags, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: stack.local.clientConfiguration.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: stack.local.databaseEndpoint,
    ...environment,
  });
}

const commands = [
  ['log', ['--workspace', 'acme']],
  ['log-rebuild', ['--workspace', 'acme', '--new-log']],
  ['connections', ['--workspace', 'acme']],
] as const;

describe.each(commands)('operate/%s.ts', (file, flags) => {
  it('finds the tables by the stage', async () => {
    const alice = { sub: 'alice', workspace: 'acme' };
    await stack.request(alice, 'POST', '/tasks', { name: 'one' });
    await stack.local.pump.drained();
    const { code, stdout, stderr } = await run(file, ['--stage', 'dev', ...flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/the log is whole|no open connections/);
  });

  it('says in one line what is wrong with a stage, a right or a table', async () => {
    const denying = createServer((_, response) => {
      const message = 'User: x is not authorized to perform: dynamodb:Query on resource: y';
      const body = { __type: 'com.amazon.coral.service#AccessDeniedException', message };
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => denying.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(denying.address() as AddressInfo).port}`;
    const missing = ['tasks', 'events', 'connections'].flatMap((name) => [
      `--${name}-table`,
      'no-such-table',
    ]);
    const runs = await Promise.all([
      run(file, ['--stage', 'production', ...flags]),
      run(file, ['--stage', 'dev', ...flags], { AWS_ENDPOINT_URL_DYNAMODB: url }),
      run(file, [...missing, ...flags]),
      run(file, [...missing, '--endpoint', 'http://127.0.0.1:9', ...flags]),
    ]);
    await new Promise((resolve) => denying.close(resolve));
    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual(runs.map(() => [1, '']));
    const said = [
      /there is no stack Taskwire-production in us-east-1/,
      /the credentials lack a right: User: x is not authorized to perform: dynamodb:Query/,
      /there is no such table/,
      /nothing answers there/,
    ];
    for (const [index, { stderr }] of runs.entries()) {
      expect(stderr).toMatch(said[index]!);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });
});

it.each([
  [['--stage', 'dev'], '--workspace is missing'],
  [['--stage', 'dev', '--workspace', 'a b'], '--workspace takes the name of a workspace'],
  [['--workspace', 'acme'], 'name what to work on: --stage, or --tasks-table and --events-table'],
  [['--workspace', 'acme', '--tasks-table', 'x'], '--events-table is missing'],
  [['--workspace', 'acme', '--stage', 'dev', '--endpoint', 'http://x'], 'leave --endpoint out'],
  [['--workspace', 'acme', '--stage', 'dev', '--settle', 'long'], '--settle takes whole numbers'],
])('npm run log refuses the command line %j', async (flags, message) => {
  const refused = await run('log', flags);
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});
