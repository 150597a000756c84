import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import { metricDefinitions } from '../../lambdas/shared/signals/metrics.ts';
import type { MetricLine } from '../../local/metrics/metric-lines.ts';
import { metricsIn } from '../../local/metrics/metric-lines.ts';
import { TestStack } from './stack.ts';
import { transports } from './transports.ts';
import { newWorkspaces } from './workspaces.ts';

const logged: Record<string, unknown>[] = [];
const metrics: MetricLine[] = [];
const consumed: ConsumedCapacity[] = [];
let wake = Promise.withResolvers<void>();
let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.start({
    onCapacity: (one) => consumed.push(one),
    onLog: ({ text }) => {
      if (!text.startsWith('{')) return;
      logged.push(JSON.parse(text) as Record<string, unknown>);
      metrics.push(...metricsIn(text));
      wake.resolve();
      wake = Promise.withResolvers();
    },
  });
});
afterAll(() => stack.close());

const newWorkspace = newWorkspaces('signals');
const [overStream, overSocket] = transports;

/** All values of a metric of a function that were published, with these further dimensions. */
function valuesOf(service: string, name: string, more: Readonly<Record<string, string>> = {}): number[] {
  const wanted = JSON.stringify({ service, ...more });
  return metrics
    .filter((line) => line.name === name && JSON.stringify(line.dimensions) === wanted)
    .flatMap(({ values }) => values);
}

function sumOf(...metric: Parameters<typeof valuesOf>): number {
  return valuesOf(...metric).reduce((sum, value) => sum + value, 0);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wake.promise;
}

describe('the metrics of a run', () => {
  it('are what has happened', async () => {
    const user = newWorkspace();
    const [writer, reader] = [user('writer'), user('reader')];
    const began = Date.now();
    const stream = await overStream!.connect(stack, reader);
    const socket = await overSocket!.connect(stack, reader);
    const written: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { body } = await stack.request(writer, 'POST', '/tasks', { name: `task ${count}` });
      written.push(body.task.id);
    }
    await stack.request(writer, 'PATCH', `/tasks/${written[0]}`, { status: 'done' });
    await stack.request(writer, 'DELETE', `/tasks/${written[1]}`);
    // Seven changes; the change of a status is told with its update.
    await Promise.all([stream, socket].map((client) => client.until(() => client.events.length === 8)));
    const heardAt = Date.now();
    await stack.request(reader, 'POST', '/sse/disconnect', { connectionId: stream.id });
    await stream.end();
    socket.cut();

    const later = await overStream!.connect(stack, reader, { cursor: stream.ids[2]! });
    await later.until(() => later.events.length === 5);
    const lost = await overStream!.connect(stack, reader, { cursor: 'unknown' });
    await stack.send('GET', '/tasks', { headers: { authorization: 'Bearer nonsense' } });
    for (const { id } of [later, lost]) {
      await stack.request(reader, 'POST', '/sse/disconnect', { connectionId: id });
    }
    // An invocation writes the line with its other metrics last.
    await until(() => valuesOf('stream', 'UnheardTime').length === 3);
    await until(() => sumOf('fanout', 'ChangesPerBatch') === 7);
    await until(() => valuesOf('push', 'WriteToFrame').length === 8);
    await until(() => sumOf('websocket', 'Ended', { reason: 'disconnected' }) === 1);
    await until(() => sumOf('tasks', 'RefusedTokens', { cause: 'token_malformed' }) === 1);

    const between = (values: readonly number[]): boolean =>
      values.every((value) => value >= 0 && value <= heardAt - began);
    expect(sumOf('stream', 'Ended', { reason: 'disconnected' })).toBe(3);
    expect(valuesOf('fanout', 'WriteToLog')).toHaveLength(7);
    expect(between(valuesOf('fanout', 'WriteToLog'))).toBe(true);
    expect(sumOf('stream', 'Opened')).toBe(3);
    expect(sumOf('stream', 'Events')).toBe(8 + 5);
    // What the second stream told was written before it came.
    expect(valuesOf('stream', 'WriteToFrame')).toHaveLength(8);
    expect(between(valuesOf('stream', 'WriteToFrame'))).toBe(true);
    expect(between(valuesOf('push', 'WriteToFrame'))).toBe(true);
    expect([sumOf('stream', 'ResumesComplete'), sumOf('stream', 'ResumesIncomplete')]).toEqual([1, 1]);
    expect(valuesOf('stream', 'CatchUpEvents').toSorted((a, b) => a - b)).toEqual([0, 5]);
    expect(valuesOf('stream', 'CatchUpTime')).toHaveLength(2);
    expect(sumOf('stream', 'Polls')).toBeGreaterThan(0);
    expect(sumOf('websocket', 'Opened')).toBe(1);
    expect(sumOf('push', 'Events')).toBe(8);
    expect(new Set(valuesOf('push', 'SubscribersPerPush'))).toEqual(new Set([1]));
  });

  it('count the units that the database has counted', async () => {
    const user = newWorkspace();
    await stack.request(user('writer'), 'POST', '/tasks', { name: 'one' }, { 'idempotency-key': 'k' });
    await stack.request(user('writer'), 'GET', '/tasks');
    await stack.local.pump.drained();
    const counted = (service: string, kind: 'readUnits' | 'writeUnits'): number =>
      consumed
        .filter(({ functionName }) => functionName === service)
        .reduce((sum, each) => sum + each[kind], 0);
    for (const service of ['tasks', 'fanout', 'connections'] as const) {
      await until(() => sumOf(service, 'WriteUnits') >= counted(service, 'writeUnits'));
      expect(sumOf(service, 'ReadUnits')).toBe(counted(service, 'readUnits'));
      expect(sumOf(service, 'WriteUnits')).toBe(counted(service, 'writeUnits'));
    }
  });

  it('are those of the list, in its units, by its dimensions and of the functions that it names', () => {
    for (const { namespace, name, unit, dimensions } of metrics) {
      expect(namespace).toBe('Taskwire/local');
      expect(Object.keys(metricDefinitions)).toContain(name);
      const { service, ...more } = dimensions;
      const definition = metricDefinitions[name as keyof typeof metricDefinitions];
      expect(unit).toBe(definition.unit);
      expect(definition.services).toContain(service);
      expect(Object.keys(more)).toEqual('by' in definition ? [definition.by.dimension] : []);
    }
  });
});

describe('the name of a request', () => {
  const correlated = (correlationId: string): Readonly<Record<string, string>> => ({
    'x-correlation-id': correlationId,
  });

  it.each(transports)('leads from its answer over the log to the frame: $name', async (transport) => {
    const user = newWorkspace();
    const [writer, reader] = [user('writer'), user('reader')];
    const client = await transport.connect(stack, reader);
    const created = await stack.request(writer, 'POST', '/tasks', { name: 'one' }, correlated('request-1'));
    const path = `/tasks/${created.body.task.id}`;
    const patched = await stack.request(writer, 'PATCH', path, { status: 'done' }, correlated('two words'));
    await client.until(() => client.events.length === 3);
    const given = patched.headers.get('x-correlation-id');
    const past = await stack.request(reader, 'GET', '/events?since=0');
    expect(past.body.events.map((event: { correlationId?: string }) => event.correlationId)).toContain(given);
    await stack.request(writer, 'DELETE', path);
    await client.until(() => client.events.length === 4);

    expect(created.headers.get('x-correlation-id')).toBe('request-1');
    // What could forge a line of a log is no name.
    expect(given).toMatch(/^[A-Za-z0-9+/=._:-]{1,64}$/);
    expect(client.events.map(({ type, correlationId }) => [type, correlationId])).toEqual([
      ['task.created', 'request-1'],
      ['task.status_changed', given],
      ['task.updated', given],
      ['task.deleted', undefined],
    ]);
    const told = (): typeof logged =>
      logged.filter(({ message, workspace }) => message === 'task written' && workspace === writer.workspace);
    await until(() => told().length === 3);
    expect(told().map(({ correlationId, version, deleted }) => [correlationId, version ?? deleted])).toEqual([
      ['request-1', 1],
      [given, 2],
      [expect.any(String), true],
    ]);
  });

  it('is in the answer to a request that is refused, and in what is logged of it', async () => {
    const who = newWorkspace()('writer');
    const refused = await stack.request(who, 'POST', '/tasks', { name: 7 }, correlated('refused-1'));
    expect([refused.status, refused.headers.get('x-correlation-id')]).toEqual([400, 'refused-1']);
  });

  it('is not that of an earlier request where a script has written the task', async () => {
    const user = newWorkspace();
    const client = await overStream!.connect(stack, user('reader'));
    const { body } = await stack.request(
      user('writer'),
      'POST',
      '/tasks',
      { name: 'one' },
      correlated('api'),
    );
    await stack.database.send(
      new UpdateCommand({
        TableName: stack.local.tables['tasks'],
        Key: { workspace: user('writer').workspace, id: body.task.id },
        UpdateExpression: 'SET #name = :name',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':name': 'by a script' },
      }),
    );
    await client.until(() => client.events.length === 2);
    expect(client.events.map(({ correlationId }) => correlationId)).toEqual(['api', undefined]);
  });
});

describe('a stage without metrics', () => {
  it('publishes none', async () => {
    const lines: string[] = [];
    const silent = await TestStack.start({
      environment: { POWERTOOLS_METRICS_DISABLED: 'true' },
      onLog: ({ text }) => lines.push(text),
    });
    const who = newWorkspace()('writer');
    await silent.request(who, 'POST', '/tasks', { name: 'one' });
    await silent.local.pump.drained();
    await silent.close();
    expect(lines.flatMap(metricsIn)).toEqual([]);
  });
});
