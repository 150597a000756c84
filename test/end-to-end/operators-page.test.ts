import { request } from 'node:http';
import { observeTogether } from '../../local/gateway/traffic-log.ts';
import type { LastingFaultName } from '../../local/operations/faults.ts';
import { lastingFaults } from '../../local/operations/faults.ts';
import { OperatorsPage } from '../../local/operations/operators-page.ts';
import type { OperatorsView } from '../../local/operations/view.ts';
import { SocketClient } from '../socket-client.ts';
import { TestStack } from './stack.ts';

let operators: OperatorsPage;
let stack: TestStack;
beforeAll(async () => {
  operators = new OperatorsPage();
  stack = await TestStack.start({
    ...operators.seams,
    traffic: observeTogether([operators.traffic]),
    operators: operators.serve,
  });
  operators.attach(stack.local);
});
afterAll(async () => {
  operators.close();
  await stack.close();
});

const alice = { sub: 'alice', workspace: 'acme' };

async function view(after = 0): Promise<OperatorsView> {
  const response = await fetch(`${stack.local.url}/_ops/view?frames=${after}`);
  expect(response.status).toBe(200);
  return (await response.json()) as OperatorsView;
}

async function order(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${stack.local.url}/_ops/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

async function logOf(workspace: string): Promise<string> {
  const response = await fetch(`${stack.local.url}/_ops/log?workspace=${encodeURIComponent(workspace)}`);
  return response.text();
}

/** Writes a task, again and again until it is taken. */
async function create(name: string): Promise<void> {
  const key = { 'idempotency-key': name };
  while ((await stack.request(alice, 'POST', '/tasks', { name }, key)).status !== 201);
}

/** Opens a WebSocket that has subscribed to everything. */
async function openSocket(): Promise<SocketClient> {
  const token = await stack.local.issuer.sign(alice);
  const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
  client.send(JSON.stringify({ action: 'subscribe', subscription: '1' }));
  await client.nextJson(({ event }) => event === 'live');
  return client;
}

const namesOf = (events: readonly { task: { name: string } }[]): string[] =>
  events.map(({ task }) => task.name);

it('shows open connections of both transports, the frames that they were sent, and no secret', async () => {
  const stream = await stack.connect(alice);
  const socket = await openSocket();
  const { frames: before } = await view();
  await create('seen by both');
  await stream.until(({ length }) => length > 1);
  await socket.nextJson(({ data }) => data?.type === 'task.created');
  const { connections, frames } = await view(before.at(-1)!.number);
  expect(connections.map(({ user, transport }) => `${user} ${transport}`).toSorted()).toEqual([
    'alice WebSocket',
    'alice stream',
  ]);
  const told = frames.filter(({ data }) => data.includes('seen by both'));
  expect(told.map(({ transport, event }) => `${transport} ${event}`).toSorted()).toEqual([
    'WebSocket message',
    'stream message',
  ]);
  expect(told.map(({ id, bytes, data }) => [typeof id, bytes === data.length])).toEqual([
    ['string', true],
    ['string', true],
  ]);
  expect(JSON.stringify(await view())).not.toMatch(/eyJ|[?&](token|ticket)=/);
  stream.cut();
  await socket.close();
});

it('shows the log of a workspace as the command for it does', async () => {
  await create('in the log');
  await stack.local.pump.drained();
  const listed = await fetch(`${stack.local.url}/_ops/workspaces`);
  expect(await listed.json()).toContain('acme');
  const text = await logOf('acme');
  expect(text).toContain('"name":"in the log"');
  expect(text).toMatch(/the log is whole, and has told what the table has of its \d+ tasks$/);
  expect(await logOf('nobody')).toContain('there is nothing of this workspace');
});

describe.each(Object.keys(lastingFaults) as LastingFaultName[])('the fault %s', (name) => {
  it('happens while it is on, and loses and doubles nothing', async () => {
    const injected = async (): Promise<number> =>
      (await view()).faults.find((fault) => fault.name === name)!.injected;
    // Each kind of fault needs somebody to meet: a stream that reads, and a WebSocket that is pushed to.
    const [stream, socket] = [await stack.connect(alice), await openSocket()];
    const { cursor } = stream;
    const before = await injected();
    const written: string[] = [];
    await order('faults', { name, isOn: true });
    while ((await injected()) === before) {
      written.push(`${name} ${written.length}`);
      await create(written.at(-1)!);
    }
    await order('faults', { name, isOn: false });
    expect((await view()).faults.find((fault) => fault.name === name)).toMatchObject({ isOn: false });
    written.push(`${name} is over`);
    await create(written.at(-1)!);
    stream.cut();
    const resumed = await stack.connect(alice, {}, { 'last-event-id': cursor });
    await resumed.until(() => namesOf(resumed.events).includes(written.at(-1)!));
    expect(namesOf(resumed.events).toSorted()).toEqual(written.toSorted());
    resumed.cut();
    await socket.close();
  });
});

it('kills a function, which another process takes the place of', async () => {
  const pidsOf = async (): Promise<readonly number[]> =>
    (await view()).functions.find((each) => each.name === 'tasks')!.pids;
  const before = await pidsOf();
  expect(await order('crash', { function: 'tasks' })).toEqual({ crashed: 'tasks' });
  await create('after the crash');
  expect(await pidsOf()).not.toEqual(before);
});

it('cuts all connections', async () => {
  const [stream, socket] = [await stack.connect(alice), await openSocket()];
  expect(await order('cut', {})).toEqual({ streams: 1, sockets: 1 });
  await stream.ended;
  expect(await socket.closed).toMatchObject({ code: 1001 });
});

it('lets a stack end while a fault makes something wait', async () => {
  const page = new OperatorsPage();
  const other = await TestStack.start({ ...page.seams, operators: page.serve });
  page.attach(other.local);
  const switchOn = await fetch(`${other.local.url}/_ops/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'stopped fan-out', isOn: true }),
  });
  expect(switchOn.status).toBe(200);
  expect((await other.request(alice, 'POST', '/tasks', { name: 'waits' })).status).toBe(201);
  page.close();
  await other.close();
});

describe('what it refuses', () => {
  const send = (
    path: string,
    headers: Readonly<Record<string, string>>,
    method = 'GET',
    body = '',
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      // A client that lets one name any host, as a page does whose own name leads here.
      const sent = request(`${stack.local.url}${path}`, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.once('error', reject).end(body);
    });
  const json = { 'content-type': 'application/json' };

  it.each([
    ['a page of another site', { ...json, origin: 'https://example.com' }, '{}', 403],
    ['a name of another site that leads here', { ...json, host: 'example.com' }, '{}', 403],
    ['a form', { 'content-type': 'text/plain' }, '{}', 415],
    ['no JSON', json, 'name', 400],
    ['a fault that nobody knows', json, '{"name":"toString","isOn":true}', 400],
    ['what is too long', json, `{"name":"${'x'.repeat(2000)}"}`, 413],
    ['a fault that is neither on nor off', json, '{"name":"slow tables"}', 400],
  ])('%s', async (_, headers, body, status) => {
    expect(await send('/_ops/faults', headers, 'POST', body)).toBe(status);
    expect((await view()).faults.filter(({ isOn }) => isOn)).toEqual([]);
  });

  it('readers of other sites, and what is not there', async () => {
    expect(await send('/_ops/view', { host: 'example.com' })).toBe(403);
    expect(await send('/_ops/nothing', {})).toBe(404);
    expect(await send('/_ops/log', {})).toBe(400);
    expect(await send('/_ops/nothing', json, 'POST', '{}')).toBe(404);
    expect(await send('/_ops/crash', json, 'POST', '{"function":"nobody"}')).toBe(400);
    expect(await send('/_ops', {})).toBe(301);
  });
});
