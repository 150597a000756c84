import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogLine } from '../../local/functions/function-process.ts';
import type { RemovedGrant } from './removed-grants.ts';
import { assemblyWithout } from './removed-grants.ts';
import { TestStack } from './stack.ts';

/** What hosts the streams, whatever does. */
const streamRole = 'Stream';

const alice = { sub: 'alice', workspace: 'grants' };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-grants-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a function's log says, and when it says it. */
class FunctionLog {
  readonly #lines: LogLine[] = [];
  #wake = Promise.withResolvers<void>();

  readonly add = (line: LogLine): void => {
    this.#lines.push(line);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  };

  /** Resolves when so many lines of the function hold the text. */
  async until(functionName: string, text: string, times = 1): Promise<void> {
    const found = (): LogLine[] =>
      this.#lines.filter((line) => line.functionName === functionName && line.text.includes(text));
    while (found().length < times) await this.#wake.promise;
  }

  /** What the alarms count of a function's log. */
  troubles(functionName: string): unknown[] {
    return this.#lines
      .filter((line) => line.functionName === functionName && line.text.startsWith('{'))
      .map(({ text }) => (JSON.parse(text) as { trouble?: unknown }).trouble)
      .filter((trouble) => trouble !== undefined);
  }
}

/** What AWS says when a role lacks a permission; the resource goes up to the logical id. */
function refusal(action: string, resource: string): string {
  return `is not authorized to perform: ${action} on resource: arn:aws:dynamodb:us-east-1:000000000000:table/${resource}`;
}

describe('a grant that is missing for a while loses nothing', () => {
  it.each([
    ['fanout', { role: 'FanOutFanout', action: 'dynamodb:PutItem', resource: 'EventsTable' }],
    ['fanout', { role: 'FanOutFanout', action: 'dynamodb:GetItem', resource: 'EventsTable' }],
    ['stream', { role: streamRole, action: 'dynamodb:Query', resource: 'EventsTable' }],
  ] as const)('%s without %o', async (functionName, grant) => {
    const prefix = `test-${randomBytes(4).toString('hex')}`;
    const data = { prefix, dataDirectory: join(directory, `${prefix}-data`) };
    const log = new FunctionLog();
    const deliveries: string[] = [];
    const broken = await TestStack.start({
      ...data,
      assembly: assemblyWithout(join(directory, prefix), [grant]),
      onLog: log.add,
      wrapDeliver: (deliver) => (records) => {
        deliveries.push(...records.map(({ dynamodb }) => dynamodb.SequenceNumber));
        return deliver(records);
      },
    });
    const before = await broken.connect(alice);
    for (const name of ['first', 'second', 'third']) {
      expect((await broken.request(alice, 'POST', '/tasks', { name })).status).toBe(201);
    }
    await log.until(functionName, refusal(grant.action, `${prefix}-${grant.resource}`), 3);
    const { events, cursor } = before;
    const decisions = broken.local.decisions();
    expect(new Set(log.troubles(functionName))).toEqual(new Set(['lasting']));
    await broken.close();

    expect(events).toEqual([]);
    expect(decisions.filter(({ allowed }) => !allowed)).toEqual([
      expect.objectContaining({ functionName, action: grant.action }),
    ]);
    // The fan-out's failure comes back with the same records, the stream's does not concern the mapping.
    expect(deliveries.length > new Set(deliveries).size).toBe(functionName === 'fanout');

    const repaired = await TestStack.start(data);
    const after = await repaired.connect(alice, { lastEventId: cursor });
    await after.until(() => after.events.length >= 3);
    // Anything that came twice would come before this.
    await repaired.request(alice, 'POST', '/tasks', { name: 'last' });
    await after.until(() => after.events.some(({ task }) => task.name === 'last'));
    await repaired.close();

    expect(after.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
    expect(after.events.map(({ type, task }) => `${type} ${task.name}`)).toEqual([
      'task.created first',
      'task.created second',
      'task.created third',
      'task.created last',
    ]);
  });
});

describe('a function that lacks a grant', () => {
  let stack: TestStack;
  const log = new FunctionLog();
  beforeAll(async () => {
    stack = await TestStack.start({
      assembly: assemblyWithout(join(directory, 'answers'), [
        { role: 'ApiTasks', action: 'dynamodb:PutItem', resource: 'TasksTable' },
        { role: streamRole, action: 'dynamodb:PutItem', resource: 'ConnectionsTable' },
      ]),
      onLog: log.add,
    });
  });
  afterAll(() => stack.close());

  it('is a 500 on the API that tells the client nothing of it, and the log everything', async () => {
    const answer = await stack.request(alice, 'POST', '/tasks', { name: 'x' });

    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/arn:|authorized|dynamodb/i);
    await log.until('tasks', 'is not authorized to perform: dynamodb:PutItem on resource: ');
    expect(log.troubles('tasks')).toEqual(['lasting']);
    expect((await stack.request(alice, 'GET', '/tasks')).body).toMatchObject({ tasks: [] });
  });

  it('does not end an EventSource for good', async () => {
    const token = await stack.local.issuer.sign(alice);
    const { status, body } = await stack.send('GET', `/sse/connect?token=${token}`);

    expect(status).toBe(200);
    expect(body).toMatch(/^:\nretry: \d+\nevent: end\ndata: \{"reason":"trouble","reconnect":true\}\n\n$/);
    await log.until('stream', 'is not authorized to perform: dynamodb:PutItem on resource: ');
    // The function itself has not failed: nothing but this tells the operator.
    expect(log.troubles('stream')).toContain('lasting');
  });
});

describe('the stack does not start without a grant', () => {
  const refused = (action: string): string => `is not authorized to perform: ${action}`;

  it.each<[string, RemovedGrant, string]>([
    [
      'of the poller',
      { role: 'FanOutFanout', action: 'dynamodb:GetShardIterator', resource: 'TasksTable' },
      refused('dynamodb:GetShardIterator'),
    ],
    [
      'of the mapping, which IAM knows for all streams or none',
      { role: 'FanOutFanout', action: 'dynamodb:ListStreams', resource: '*' },
      refused('dynamodb:ListStreams'),
    ],
    [
      'for failed batches',
      { role: 'FanOutFanout', action: 's3:PutObject', resource: 'FanOutFailedBatches' },
      refused('s3:PutObject'),
    ],
    [
      'for the log of a function',
      { role: 'ApiTasks', action: 'logs:PutLogEvents', resource: 'ApiTasksLogs' },
      refused('logs:PutLogEvents'),
    ],
    [
      'that the first request of a function needs',
      { role: 'ApiConnections', action: 'dynamodb:Query', resource: 'ConnectionsTable' },
      'GET /sse/stats answers 500',
    ],
  ])('%s', async (_, grant, message) => {
    const assembly = assemblyWithout(join(directory, `${grant.role}-${grant.action.replace(':', '-')}`), [
      grant,
    ]);

    await expect(TestStack.start({ assembly })).rejects.toThrow(message);
  });
});

describe('a batch that is given up', () => {
  let stack: TestStack;
  afterAll(() => stack.close());

  it('is kept with its records, under the right of the function', async () => {
    const log = new FunctionLog();
    stack = await TestStack.start({
      onLog: log.add,
      wrapDeliver: () => (records) => {
        // Its age is all that ends the retries, so a day passes.
        for (const { dynamodb } of records) Object.assign(dynamodb, { ApproximateCreationDateTime: 0 });
        return Promise.reject(new Error('the function is gone'));
      },
    });
    await stack.request(alice, 'POST', '/tasks', { name: 'given up' });
    await log.until('stack', 'gave up 1 records (RecordAgeExceeded)');

    const kept = readdirSync(stack.local.bucketsDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    expect(kept).toEqual([expect.stringContaining('given up')]);
    const s3 = stack.local.decisions().filter(({ action }) => action.startsWith('s3:'));
    expect(s3.map(({ functionName, action, allowed }) => [functionName, action, allowed])).toEqual([
      ['fanout', 's3:ListBucket', true],
      ['fanout', 's3:PutObject', true],
    ]);
  });
});
