import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTraffic } from '../../local/gateway/traffic-log.ts';
import type { SocketCall, SocketFault } from '../../local/websocket/management.ts';
import { TestTimers } from '../local/test-timers.ts';
import { SocketClient } from '../socket-client.ts';
import { assemblyWithout } from './removed-grants.ts';
import { TestStack } from './stack.ts';
import { startWith } from './synthesized-stack.ts';

const timers = new TestTimers();
const calls: SocketCall[] = [];
let faults: (SocketFault | undefined)[] = [];
/** What `npm start` would print. */
const lines: string[] = [];
let onLine = (): void => {};
const seams = {
  traffic: logTraffic((line) => {
    // After the time of the day.
    lines.push(line.slice(9));
    onLine();
  }),
  socketTimers: timers,
  onSocketCall: (call: SocketCall): SocketFault | undefined => {
    calls.push(call);
    return faults.shift();
  },
};

const ana = { sub: 'ana', workspace: 'sockets' };
const admin = { sub: 'ada', workspace: 'sockets', admin: true };
const ping = '{"action":"ping"}';
const pong = { event: 'ping', data: { timestamp: expect.stringMatching(/^\d{4}-.*Z$/) } };

beforeEach(() => {
  calls.length = 0;
  faults = [];
});

describe.each([
  ['without the edge', 'authorization', () => TestStack.start(seams)],
  ['with the edge', 'x-taskwire-authorization', () => startWith({ edge: 'on' }, seams)],
])('a WebSocket %s', (_, tokenHeader, start) => {
  let stack: TestStack;
  let url: string;
  beforeAll(async () => {
    stack = await start();
    url = `ws://localhost:${stack.local.port}/ws`;
  });
  afterAll(() => stack.close());

  const tokenOf = (who: Parameters<TestStack['local']['issuer']['sign']>[0]): Promise<string> =>
    stack.local.issuer.sign(who);

  it('is open to whoever has a token in a header', async () => {
    const client = await SocketClient.open(url, {
      headers: { authorization: `Bearer ${await tokenOf(ana)}` },
    });
    client.send(ping);

    expect(await client.nextJson()).toEqual(pong);
    await client.close();
  });

  it('is open to whoever has one in the query, on either loopback address', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const at = `ws://${host}:${stack.local.port}/ws?token=${await tokenOf(ana)}`;
      const client = await SocketClient.open(at);
      client.send(ping);
      expect(await client.nextJson()).toEqual(pong);
      expect(client.webSocket.protocol).toBe('');
      await client.close();
    }
  });

  it('is open to whoever offers one, and selects the subprotocol that is no token', async () => {
    const client = await SocketClient.open(url, {
      protocols: ['taskwire', `bearer.${await tokenOf(ana)}`],
    });

    expect(client.webSocket.protocol).toBe('taskwire');
    client.send(ping);
    expect(await client.nextJson()).toEqual(pong);
    await client.close();
  });

  it.each([
    ['without a token', 401, () => Promise.resolve({})],
    ['with another than a token', 401, () => Promise.resolve({ headers: { authorization: 'Bearer x' } })],
    [
      'with an expired one',
      401,
      async () => ({ headers: { authorization: `Bearer ${await tokenOf({ ...ana, expiresIn: -60 })}` } }),
    ],
    [
      'with other subprotocols',
      400,
      async () => ({
        headers: { authorization: `Bearer ${await tokenOf(ana)}` },
        protocols: ['graphql-ws'],
      }),
    ],
  ])('is refused %s: %d', async (__, status, options) => {
    await expect(SocketClient.open(url, await options())).rejects.toMatchObject({ status });
  });

  it('is refused once the rights of the user were revoked', async () => {
    const eve = { sub: 'eve', workspace: 'sockets' };
    const token = await tokenOf(eve);
    await (await SocketClient.open(`${url}?token=${token}`)).close();
    await stack.request(admin, 'POST', '/sse/revocations', { userId: 'eve' });

    await expect(SocketClient.open(`${url}?token=${token}`)).rejects.toMatchObject({ status: 401 });
  });

  it('is not open to the header that the edge alone sets', async () => {
    const headers = { 'x-taskwire-authorization': `Bearer ${await tokenOf(ana)}` };
    await expect(SocketClient.open(url, { headers })).rejects.toMatchObject({ status: 401 });
  });

  it('answers what it does not know with an error', async () => {
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    for (const [text, code] of [
      ['{"action":"subscribe-to-nothing"}', 'invalid_field'],
      ['no JSON', 'invalid_json'],
    ] as const) {
      client.send(text);
      expect(await client.nextJson()).toEqual({ event: 'error', data: { code, error: expect.any(String) } });
    }
    await client.close();
  });

  it('is open past the edge under the name that AWS gives its API, and nowhere else there', async () => {
    const Host = stack.local.domains.webSocketApi;
    const headers = { Host, [tokenHeader]: `Bearer ${await tokenOf(ana)}` };
    const client = await SocketClient.open(url, { headers });
    client.send(ping);

    expect(await client.nextJson()).toEqual(pong);
    await client.close();
    const elsewhere = SocketClient.open(`ws://localhost:${stack.local.port}/prod`, { headers });
    await expect(elsewhere).rejects.toMatchObject({ status: 403 });
  });

  it('closes when nothing was sent for 10 minutes, and its function then finds it gone', async () => {
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    timers.advance(10 * 60_000);

    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(stack.local.sockets.ids()).toEqual([]);
  });

  it('outlives a push that says that it is gone, or that it is too much', async () => {
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    const [connectionId] = stack.local.sockets.ids();
    faults = [{ kind: 'gone' }, { kind: 'limit' }, undefined];
    // Nobody hears of the first; the second is tried again.
    client.send(ping);
    client.send(ping);

    expect(await client.nextJson()).toEqual(pong);
    expect(calls).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({ functionName: 'websocket', method: 'POST', connectionId }),
      ),
    );
    await client.close();
  });

  it('is told of to whoever runs the stack, from its begin to its end, and never its token', async () => {
    lines.length = 0;
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    await client.close();
    await expect(SocketClient.open(`${url}?token=none`)).rejects.toMatchObject({ status: 401 });
    while (lines.length < 3) {
      await new Promise<void>((resolve) => {
        onLine = resolve;
      });
    }

    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/^GET \/ws 101 open$/),
      expect.stringMatching(/^GET \/ws 401 \d+ ms$/),
      expect.stringMatching(/^GET \/ws ended after [\d.]+ s$/),
    ]);
  });

  it('closes for a frame of more than 32 KB', async () => {
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    client.send(JSON.stringify({ action: 'x'.repeat(32 * 1024) }));

    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('breaks when the stack ends', async () => {
    const client = await SocketClient.open(`${url}?token=${await tokenOf(ana)}`);
    await stack.close();

    expect(await client.closed).toMatchObject({ code: 1006 });
  });
});

it('without the grant to push, a message has no answer, and the log says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-sockets-'));
  const told = Promise.withResolvers<string>();
  const stack = await TestStack.start({
    assembly: assemblyWithout(directory, [
      { role: 'SocketsWebsocket', action: 'execute-api:ManageConnections', resource: 'SocketsApi' },
    ]),
    onLog: ({ functionName, text }) => {
      if (functionName === 'websocket' && text.includes('cannot be sent')) told.resolve(text);
    },
  });
  try {
    const token = await stack.local.issuer.sign(ana);
    const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    client.send(ping);
    const line = await told.promise;

    expect(line).toMatch(/"trouble":"lasting"/);
    expect(line).toMatch(
      /not authorized to perform: execute-api:ManageConnections on resource: [^"]*\/ws\/POST\//,
    );
    await client.close();
  } finally {
    await stack.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
