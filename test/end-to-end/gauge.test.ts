import { setTimeout as wait } from 'node:timers/promises';
import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import type { AwsFault } from '../../local/data/aws-fault.ts';
import type { MetricLine } from '../../local/metrics/metric-lines.ts';
import { metricsIn } from '../../local/metrics/metric-lines.ts';
import { metricsView } from '../../local/operations/charts.ts';
import { gaugeReads } from '../../operate/cost/gauge-units.ts';
import { SocketClient } from '../socket-client.ts';
import { disconnect, lastFrame } from './open-streams.ts';
import { SocketStream } from './socket-stream.ts';
import type { TestStack, Who } from './stack.ts';
import type { StreamClient } from './stream-client.ts';
import { startWith } from './synthesized-stack.ts';
import { newWorkspaces } from './workspaces.ts';

let stack: TestStack;
let metrics: MetricLine[] = [];
let troubles: unknown[] = [];
let consumed: ConsumedCapacity[] = [];
let scans = 0;
/** Decides what becomes of a page, by how many there were before it in the run. */
let onPage: (before: number) => AwsFault | undefined = () => undefined;
let heard = Promise.withResolvers<void>();

beforeAll(async () => {
  stack = await startWith(
    { gaugeMinutes: 5 },
    {
      environment: { SCAN_SECONDS: '5' },
      onLog: ({ functionName, text }) => {
        if (functionName !== 'gauge') return;
        metrics.push(...metricsIn(text));
        if (text.includes('"trouble"')) troubles.push(JSON.parse(text));
        heard.resolve();
        heard = Promise.withResolvers();
      },
      onAwsCall: ({ functionName }) => (functionName === 'gauge' ? onPage(scans++) : undefined),
      onCapacity: (one) => consumed.push(one),
    },
  );
});
afterAll(() => stack.close());
beforeEach(() => {
  onPage = () => undefined;
  metrics = [];
  troubles = [];
});
// Each test begins with nobody who counts: what has no item does not.
afterEach(async () => {
  const TableName = stack.local.tables['connections'];
  for (const Key of await connectionKeys()) await stack.database.send(new DeleteCommand({ TableName, Key }));
});

const newUsers = newWorkspaces('gauge');

/** Invokes the function, as its schedule would. */
async function invoke(): Promise<void> {
  scans = 0;
  consumed = [];
  await stack.local.functions.find(({ name }) => name === 'gauge')!.process.invokeBuffered({});
}

/** What a run of the gauge publishes, by name, from the line that its function logs. */
async function published(): Promise<Record<string, readonly number[]>> {
  metrics = [];
  await invoke();
  while (metrics.length === 0 && troubles.length === 0) await heard.promise;
  expect(troubles).toEqual([]);
  return Object.fromEntries(metrics.map(({ name, values }) => [name, values]));
}

/** Opens a WebSocket that subscribes to nothing. */
async function openSocket(who: Who): Promise<SocketClient> {
  const token = await stack.local.issuer.sign(who);
  return SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
}

async function subscribe(who: Who): Promise<SocketStream> {
  const token = await stack.local.issuer.sign(who);
  return SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`, { presence: true });
}

/** The keys of all connections that the table has. */
async function connectionKeys(): Promise<readonly Record<string, unknown>[]> {
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({
      TableName: stack.local.tables['connections'],
      FilterExpression: 'attribute_exists(deadline)',
      ConsistentRead: true,
    }),
  );
  return items.map(({ workspace, connection }) => ({ workspace, connection }));
}

/** Resolves once the table has so many connections: an item goes after its client has heard of the end. */
async function left(count: number): Promise<void> {
  while ((await connectionKeys()).length !== count) await wait(20);
}

/** Puts an item into the connections table, as a process leaves it that dies. */
async function leave(connection: string, item: Readonly<Record<string, unknown>>): Promise<void> {
  const key = { workspace: 'gauge-dead', connection };
  await stack.database.send(
    new PutCommand({ TableName: stack.local.tables['connections'], Item: { ...key, ...item } }),
  );
}

describe('the gauge', () => {
  it('publishes 0 where nothing is open', async () => {
    expect(await published()).toEqual({ OpenStreams: [0], OpenSockets: [0] });
  });

  it('publishes how many streams and WebSockets are open, in all workspaces, and no others', async () => {
    const [here, there] = [newUsers(), newUsers()];
    const [alice, bob, carol] = [here('alice'), here('bob'), there('carol')];
    const leased = await stack.connect(alice, { lease: '10' });
    const streams: StreamClient[] = [];
    for (const who of [alice, bob, carol]) streams.push(await stack.connect(who, { lease: '300' }));
    const sockets = [await subscribe(alice), await subscribe(carol)];
    const plain = await openSocket(bob);
    // What else there is in the table: tickets, who is there, and what is left of streams that died with their process.
    await stack.ticketFor(await stack.local.issuer.sign(alice));
    const page = { viewId: 'page', state: 'active' };
    expect((await stack.request(alice, 'POST', '/presence', page)).status).toBe(200);
    const deadline = Date.now() + 600_000;
    await leave('dead#1', { id: '1', user: 'dead', deadline: Date.now() - 1 });
    await leave('dead#2', { id: '2', user: 'dead', deadline, ended: 'disconnected', endedAt: Date.now() });
    expect((await lastFrame(leased)).data).toMatchObject({ reason: 'lease_expired' });
    await left(3 + 3 + 2);
    expect(await published()).toEqual({ OpenStreams: [3], OpenSockets: [3] });

    await disconnect(stack, streams[1]!, bob);
    sockets[1]!.cut();
    await left(2 + 2 + 2);
    expect(await published()).toEqual({ OpenStreams: [2], OpenSockets: [2] });
    const lines = metrics.map(({ namespace, unit, dimensions }) => ({ namespace, unit, ...dimensions }));
    expect(lines).toEqual(
      Array.from(metrics, () => ({ namespace: 'Taskwire/local', unit: 'Count', service: 'gauge' })),
    );
    const totals = [here('ada', { admin: true }), there('ada', { admin: true })].map(async (admin) => {
      const { body } = await stack.request(admin, 'GET', '/sse/stats');
      return body.totalConnections as number;
    });
    expect(await Promise.all(totals)).toEqual([3, 1]);
    plain.webSocket.terminate();
    sockets[0]!.cut();
  });

  it('has a graph that the operators of a laptop see as well', async () => {
    await published();
    const { graphs } = metricsView(stack.local.metrics, Date.now());
    const graph = graphs.find(({ title }) => title === 'Open streams and WebSockets')!;
    expect(graph.section).toBe('Streams');
    expect(graph.lines.map(({ label, values }) => [label, values.some((value) => value !== null)])).toEqual([
      ['OpenStreams', true],
      ['OpenSockets', true],
    ]);
  });

  it('costs the units that operate/cost says', async () => {
    const user = newUsers();
    const who = (index: number): Who => user(`user-${String(index).padStart(3, '0')}`);
    await published();
    const before = unitsOfRun();
    const [streams, sockets] = [60, 20];
    const opened = Array.from({ length: streams }, (_, index) => stack.connect(who(index)));
    const subscribed: SocketStream[] = [];
    for (let index = 0; index < sockets; index += 1) {
      const token = await stack.local.issuer.sign(who(index));
      subscribed.push(await SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`));
    }
    await Promise.all(opened);
    expect(await published()).toEqual({ OpenStreams: [streams], OpenSockets: [sockets] });
    // Half a unit for each begun 4 KB, of what was there before as well.
    expect(Math.abs(unitsOfRun() - before - gaugeReads({ streams, sockets }))).toBeLessThanOrEqual(0.5);
    for (const socket of subscribed) socket.cut();
  });

  it('reads a table of several pages to its end, and tells nothing of a part of it', async () => {
    const alice = newUsers()('alice');
    await stack.connect(alice);
    // A page is 1 MB.
    for (let count = 0; count < 6; count += 1) await leave(`large-${count}`, { text: 'x'.repeat(390_000) });
    expect(await published()).toEqual({ OpenStreams: [1], OpenSockets: [0] });
    expect(scans).toBeGreaterThan(1);

    metrics = [];
    onPage = (before) => (before === 0 ? undefined : { kind: 'stall' });
    await invoke();
    onPage = (before) => (before === 0 ? undefined : { kind: 'deny' });
    await invoke();
    onPage = () => undefined;
    await invoke();
    // A line of metrics for the last run alone: those of the others would be there before it.
    while (metrics.length === 0) await heard.promise;
    expect(metrics.map(({ name, values }) => [name, values])).toEqual([
      ['OpenStreams', [1]],
      ['OpenSockets', [0]],
    ]);
    const what = { service: 'gauge', message: 'open connections cannot be counted' };
    expect(troubles).toEqual([
      expect.objectContaining({
        ...what,
        trouble: 'passing',
        error: expect.objectContaining({ name: 'CountTimeout' }),
      }),
      expect.objectContaining({
        ...what,
        trouble: 'lasting',
        error: expect.objectContaining({ name: 'AccessDeniedException' }),
      }),
    ]);
  });
});

/** The read units of the last run. */
function unitsOfRun(): number {
  const ofGauge = consumed.filter(({ functionName }) => functionName === 'gauge');
  expect(new Set(ofGauge.map(({ tableName }) => tableName))).toEqual(
    new Set([stack.local.tables['connections']]),
  );
  return ofGauge.reduce((sum, { readUnits }) => sum + readUnits, 0);
}
