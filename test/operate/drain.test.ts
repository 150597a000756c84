import { DrainMarker } from '../../lambdas/shared/dynamodb/drain-marker.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { FakeAws } from './fake-aws.ts';
import { runOperatorCommand } from './operator-command.ts';

let stack: TestStack;
let aws: FakeAws;
beforeAll(async () => {
  stack = await TestStack.start();
  aws = await FakeAws.start({ ConnectionsTableName: stack.local.tables['connections']! }, 'none');
});
afterAll(async () => {
  await aws.close();
  await stack.close();
});

describe('npm run drain', () => {
  it('finds the table by the stage, and the streams that are open then end and can go on', async () => {
    const alice = { sub: 'alice', workspace: 'drain' };
    const stream = await stack.connect(alice);
    const signedIn = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: stack.local.clientConfiguration.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDFORMATION: aws.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.local.databaseEndpoint,
    };
    const trial = await runOperatorCommand('operate/drain.ts', ['--stage', 'dev'], signedIn);
    expect(trial).toMatchObject({ code: 0, stderr: '' });
    expect(trial.stdout).toMatch(
      /^1 streams that opened before \S+ would end within 34 s\nnothing was changed/,
    );
    const marker = new DrainMarker(stack.database, stack.local.tables['connections']!);
    expect(await marker.read()).toBeUndefined();
    const run = await runOperatorCommand('operate/drain.ts', ['--stage', 'dev', '--apply'], signedIn);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^1 streams that opened before \d{4}-\S+Z end within 34 s\n$/);
    await stream.ended;
    expect(stream.frames.at(-1)!.data).toEqual({ reason: 'deploy', reconnect: true });
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'meanwhile' })).body;
    const next = await stack.connect(alice, {}, { 'last-event-id': stream.cursor });
    await next.until(() => next.events.length > 0);
    expect(next.events[0].task).toEqual(task);
  });

  it('takes the table of a local stack by name', async () => {
    const flags = ['--connections-table', stack.local.tables['connections']!];
    const run = await runOperatorCommand('operate/drain.ts', [
      ...flags,
      '--endpoint',
      stack.local.databaseEndpoint,
    ]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['nothing', [], /--stage, or --connections-table/],
    ['both', ['--stage', 'dev', '--connections-table', 'x'], /leave --connections-table out/],
    ['a stage that is not deployed', ['--stage', 'local'], /--stage takes dev, staging, production;/],
    ['a stage and an endpoint', ['--stage', 'dev', '--endpoint', 'http://x'], /leave --endpoint out/],
    ['an endpoint that is none', ['--connections-table', 'x', '--endpoint', 'x'], /--endpoint takes a URL/],
    ['an unknown flag', ['--now'], /Unknown option '--now'/],
  ])('refuses %s', async (_, flags, message) => {
    const { code, stderr } = await runOperatorCommand('operate/drain.ts', flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('says what is missing where it cannot reach AWS', async () => {
    const environment = { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' };
    const { code, stderr } = await runOperatorCommand('operate/drain.ts', ['--stage', 'dev'], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^drain: AWS takes no credentials from here/);
  });
});
