import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { ConnectionStore } from '../../lambdas/shared/dynamodb/connection-store.ts';
import type { Ended } from '../commands/command.ts';
import { runOperatorCommand } from '../operate/operator-command.ts';
import { idOf, lastFrame } from './open-streams.ts';
import { SocketStream } from './socket-stream.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import { newWorkspaces } from './workspaces.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const newUsers = newWorkspaces('listed');

function run(...flags: readonly string[]): Promise<Ended> {
  const { tables, socketsEndpoint, databaseEndpoint } = stack.local;
  const location = ['--connections-table', tables['connections']!, '--sockets-endpoint', socketsEndpoint];
  return runOperatorCommand('operate/connections.ts', [
    ...location,
    '--endpoint',
    databaseEndpoint,
    ...flags,
  ]);
}

async function openSocket(who: Who): Promise<SocketStream> {
  const token = await stack.local.issuer.sign(who);
  return SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
}

/** The id of a socket's connection. */
const nameOf = (socket: SocketStream): string =>
  socket.received.find(({ data }) => data.type === 'connection.established')!.data.connectionId as string;

/** All that the table holds of a workspace. */
async function itemsOf(workspace: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const TableName = stack.local.tables['connections']!;
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({ TableName, ConsistentRead: true }),
  );
  return items.filter((item) => JSON.stringify(item).includes(`"${workspace}`));
}

describe('npm run connections', () => {
  it('lists what is open, by whom and since when, and nothing that it was opened by', async () => {
    const user = newUsers();
    const alice = user('alice');
    const plain = await stack.connect(alice);
    const leased = await stack.connect(alice, { lease: '60' });
    const socket = await openSocket(user('bob'));
    const { stdout, ...ended } = await run('--workspace', alice.workspace!);
    expect(ended).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    const rowOf = (id: string): string => lines.find((line) => line.includes(id))!;
    expect(rowOf(idOf(plain))).toMatch(/ alice +\S+ +stream +\S+Z +\S+Z$/);
    expect(rowOf(idOf(leased))).toMatch(/ alice +\S+ +stream +\S+Z +\S+Z +\S+Z +\d+ s ago$/);
    expect(rowOf(nameOf(socket))).toMatch(/ bob +\S+ +WebSocket /);
    expect(lines).toContain(`${alice.workspace}: 2 streams, 1 WebSockets`);
    const json = await run('--workspace', alice.workspace!, '--user', 'alice', '--json');
    expect(JSON.parse(json.stdout)).toHaveLength(2);
    const all = await run();
    const tokens = (await itemsOf(alice.workspace!)).flatMap(({ token }) => token ?? []);
    expect(tokens.length).toBeGreaterThanOrEqual(3);
    for (const text of [stdout, json.stdout, all.stdout]) {
      expect(text).toContain(idOf(plain));
      for (const token of tokens) expect(text).not.toContain(token);
    }
    socket.cut();
  });

  it('ends one, whose client comes back and misses nothing; not in a dry run, and no other', async () => {
    const alice = newUsers()('alice');
    const [stream, other] = [await stack.connect(alice), await stack.connect(alice)];
    const before = await itemsOf(alice.workspace!);
    const trial = await run('--end', idOf(stream));
    expect(trial).toMatchObject({ code: 0, stderr: '' });
    expect(trial.stdout).toMatch(/their clients would come back\nnothing was changed/);
    expect(await itemsOf(alice.workspace!)).toEqual(before);

    const done = await run('--end', idOf(stream), '--apply');
    expect(done).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/ of alice: asked$/m) });
    expect((await lastFrame(stream)).data).toEqual({ reason: 'deploy', reconnect: true });
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'meanwhile' })).body;
    const next = await stack.connect(alice, {}, { 'last-event-id': stream.cursor });
    for (const each of [next, other]) {
      await each.until(() => each.events.length > 0);
      expect(each.events[0].task).toEqual(task);
    }
    expect(await run('--end', idOf(stream), '--apply')).toMatchObject({
      code: 1,
      stderr: 'connections: there is no open connection with this id\n',
    });
  });

  it('ends all of a user for good, over either transport, and may be repeated', async () => {
    const user = newUsers();
    const alice = user('alice');
    const token = await stack.local.issuer.sign(alice);
    const stream = await stack.open(token);
    const socket = await SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    const bob = await stack.connect(user('bob'));
    const flags = ['--workspace', alice.workspace!, '--user', 'alice', '--end-all', '--for-good', '--apply'];
    const runs = [await run(...flags), await run(...flags)];
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    expect(runs[0]!.stdout.match(/ of alice: asked$/gm)).toHaveLength(2);
    const end = { reason: 'ended_by_admin', reconnect: false };
    expect((await lastFrame(stream)).data).toEqual(end);
    await socket.ended;
    expect(socket.received.at(-1)).toMatchObject({ event: 'end', data: end });
    const headers = { authorization: `Bearer ${token}` };
    expect((await stack.send('GET', '/tasks', { headers })).body).toMatchObject({ code: 'token_revoked' });
    expect((await stack.request(alice, 'GET', '/tasks')).status).toBe(200);
    expect((await run('--workspace', alice.workspace!)).stdout).toContain(idOf(bob));
  });

  it('closes a WebSocket that was marked and then left', async () => {
    const alice = newUsers()('alice');
    const socket = await openSocket(alice);
    const store = new ConnectionStore(stack.database, stack.local.tables['connections']!);
    const key = { workspace: alice.workspace!, user: 'alice', id: nameOf(socket) };
    // As when whoever ended it was stopped right after that.
    await store.askToEnd(key, 'revoked', Date.now());
    const { stdout } = await run('--workspace', alice.workspace!);
    expect(stdout).toMatch(/ WebSocket .* revoked at \S+Z\n/);
    expect(stdout).toContain('0 streams, 1 WebSockets, 1 of them asked to end');
    expect(await run('--workspace', alice.workspace!, '--end-all', '--apply')).toMatchObject({
      code: 0,
      stderr: '',
    });
    await socket.ended;
    expect(socket.received.at(-1)).toMatchObject({ event: 'end', data: { reason: 'revoked' } });
  });

  it('says what could not be done with a WebSocket, and ends with 1', async () => {
    const alice = newUsers()('alice');
    const socket = await openSocket(alice);
    const flags = ['--workspace', alice.workspace!, '--end-all', '--apply'];
    const { tables, databaseEndpoint } = stack.local;
    const location = ['--connections-table', tables['connections']!, '--endpoint', databaseEndpoint];
    const elsewhere = [...location, '--sockets-endpoint', 'http://127.0.0.1:9'];
    const failed = await runOperatorCommand('operate/connections.ts', [...elsewhere, ...flags]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^connections: a WebSocket cannot be ended: nothing answers there: /);
    socket.cut();
  });

  it.each([
    [['--apply'], 'name what to end: --end or --end-all'],
    [['--end-all'], '--end-all needs --workspace or --user'],
    [['--end', 'x', '--end-all'], 'leave --end-all out'],
    [['--end', 'x', '--json'], '--json is for the list'],
    [['--stage', 'dev'], 'leave --connections-table out'],
  ])('refuses %j', async (flags, message) => {
    expect(await run(...flags)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });
});
