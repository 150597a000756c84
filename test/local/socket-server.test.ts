import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { TokenBucket } from '../../local/gateway/token-bucket.ts';
import { SocketClient } from '../socket-client.ts';
import type { SocketGatewayOptions } from './socket-gateway.ts';
import { startSocketGateway } from './socket-gateway.ts';

type Gateway = Awaited<ReturnType<typeof startSocketGateway>>;

const open: Gateway[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

async function start(options: SocketGatewayOptions = {}): Promise<Gateway> {
  const gateway = await startSocketGateway(options);
  open.push(gateway);
  return gateway;
}

const minute = 60_000;

describe('a handshake at the local WebSocket API', () => {
  it('is handed to the route $connect as API Gateway does it', async () => {
    const { url, events } = await start();
    const headers = { 'X-Name': 'one', 'User-Agent': 'tests' };
    await SocketClient.open(`${url}?token=a&token=b&x=%C3%BC`, { headers });

    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      headers: { 'X-Name': 'one', 'Sec-WebSocket-Version': '13' },
      multiValueHeaders: { 'X-Name': ['one'], 'User-Agent': ['tests'] },
      queryStringParameters: { token: 'b', x: 'ü' },
      multiValueQueryStringParameters: { token: ['a', 'b'], x: ['ü'] },
      isBase64Encoded: false,
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        messageDirection: 'IN',
        stage: 'ws',
        apiId: 'api',
        domainName: 'api.execute-api.us-east-1.amazonaws.com',
        connectedAt: 1_800_000_000_000,
        requestTimeEpoch: 1_800_000_000_000,
        requestTime: '15/Jan/2027:08:00:00 +0000',
        connectionId: expect.stringMatching(/^[\w-]{15}=$/),
        requestId: expect.stringMatching(/^[\w-]{15}=$/),
        identity: { sourceIp: '127.0.0.1', userAgent: 'tests' },
      },
    });
    expect(events[0]).not.toHaveProperty('body');
  });

  it.each([201, 299])('is accepted when the function says %d', async (statusCode) => {
    const { url, registry } = await start({ answer: () => ({ statusCode }) });
    await SocketClient.open(url);

    expect(registry.ids()).toHaveLength(1);
  });

  it.each([301, 401, 403, 429, 503])('is refused with the status of the function: %d', async (statusCode) => {
    const { url, registry, events } = await start({
      answer: () => ({ statusCode, headers: { 'x-secret': '1' }, body: 'why' }),
    });
    await expect(SocketClient.open(url)).rejects.toMatchObject({ status: statusCode });

    expect(registry.ids()).toEqual([]);
    expect(events).toHaveLength(1);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no')), 502],
    ['answers what is no status', () => ({ statusCode: 'ok' }), 502],
  ])('is refused when the function %s', async (_, answer, status) => {
    const { url } = await start({ answer });
    await expect(SocketClient.open(url)).rejects.toMatchObject({ status });
  });

  it("is refused where the function's policy does not let the API invoke it", async () => {
    const { url, events } = await start({ forbidden: ['$connect'] });
    await expect(SocketClient.open(url)).rejects.toMatchObject({ status: 500 });
    expect(events).toEqual([]);
  });

  it('is refused above the throttle of the stage', async () => {
    const { url } = await start({ throttle: new TokenBucket(1, 1, () => 0) });
    await SocketClient.open(url);
    await expect(SocketClient.open(url)).rejects.toMatchObject({ status: 429 });
  });

  it.each([
    ['/', 403],
    ['/prod', 403],
    ['/ws/more', 403],
    ['/ws/@connections/abc', 403],
  ])('is refused at %s', async (path, status) => {
    const { port, events } = await start();
    await expect(SocketClient.open(`ws://127.0.0.1:${port}${path}`)).rejects.toMatchObject({ status });
    expect(events).toEqual([]);
  });

  it('gets the subprotocol that the function selects, and none by itself', async () => {
    const headers = { 'Sec-WebSocket-Protocol': 'second' };
    const selecting = await start({ answer: () => ({ statusCode: 200, headers }) });
    const silent = await start();
    const client = await SocketClient.open(selecting.url, { protocols: ['first', 'second'] });

    expect(client.webSocket.protocol).toBe('second');
    expect(selecting.events[0]?.headers).toMatchObject({ 'Sec-WebSocket-Protocol': 'first,second' });
    // This client takes an answer without a selection for an error, as browsers do.
    const ignored = SocketClient.open(silent.url, { protocols: ['first'] });
    await expect(ignored).rejects.toThrow('Server sent no subprotocol');
  });

  it('opens nothing that could be sent to before the function has answered', async () => {
    const found: boolean[] = [];
    const gateway: Gateway = await start({
      answer: ({ requestContext: { connectionId } }) => {
        found.push(gateway.registry.find(connectionId) !== undefined);
        return { statusCode: 200 };
      },
    });
    const client = await SocketClient.open(gateway.url);
    client.send('{}');
    await gateway.event('MESSAGE');

    expect(found).toEqual([false, true]);
  });

  it('is none without an upgrade', async () => {
    const { port, events } = await start();
    const answer = await fetch(`http://127.0.0.1:${port}/ws`);

    expect(answer.status).toBe(426);
    expect(events).toEqual([]);
  });

  it('is none without a key of its form', async () => {
    const { port } = await start();
    const asked = httpRequest({
      port,
      path: '/ws',
      headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x' },
    }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];

    expect(answer.statusCode).toBe(400);
    answer.resume();
    await once(answer, 'end');
  });

  it('is over for the function when its client has left before the answer', async () => {
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const { port, registry, event } = await start({
      answer: async ({ requestContext: { eventType } }) => {
        asked.resolve();
        if (eventType === 'CONNECT') await left.promise;
        return { statusCode: 200 };
      },
    });
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await asked.promise;
    socket.destroy();
    await once(socket, 'close');
    // The other end has seen it once another connection, made later, was served.
    await fetch(`http://127.0.0.1:${port}/ws`);
    left.resolve();

    expect((await event('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
    expect(registry.ids()).toEqual([]);
  });
});

describe('a message to the local WebSocket API', () => {
  it.each([
    ['{"action":"move"}', 'move'],
    ['{"action":"other"}', '$default'],
    ['{"action":7}', '$default'],
    ['{"action":"$connect"}', '$default'],
    ['[]', '$default'],
    ['null', '$default'],
    ['no JSON', '$default'],
    ['', '$default'],
  ])('goes by its action: %s', async (text, routeKey) => {
    const { url, event, events } = await start({
      routeKeys: ['$connect', '$disconnect', '$default', 'move'],
    });
    const client = await SocketClient.open(url);
    client.send(text);
    const seen = await event('MESSAGE');

    expect(seen).toMatchObject({ body: text, isBase64Encoded: false, requestContext: { routeKey } });
    expect(seen.requestContext['messageId']).toEqual(expect.any(String));
    expect(seen.requestContext.connectionId).toBe(events[0]?.requestContext.connectionId);
    expect(seen).not.toHaveProperty('headers');
    expect(seen).not.toHaveProperty('queryStringParameters');
  });

  it('is not answered with what the function returns, and not with its status', async () => {
    const { url, registry } = await start({
      answer: ({ requestContext: { eventType } }) => ({
        statusCode: eventType === 'CONNECT' ? 200 : 500,
        body: 'unheard',
      }),
    });
    const client = await SocketClient.open(url);
    client.send('{}');
    client.webSocket.ping();
    await once(client.webSocket, 'pong');
    const [id = ''] = registry.ids();
    registry.find(id)?.send('heard');

    expect(await client.next()).toBe('heard');
  });

  it.each([
    ['the function fails', { answer: failsOnMessages }, 'Internal server error'],
    ['its policy does not allow it', { forbidden: ['$default'] }, 'Internal server error'],
    ['no route takes it', { routeKeys: ['$connect', '$disconnect'] }, 'Forbidden'],
    ['the throttle is used up', { throttle: new TokenBucket(1, 1, () => 0) }, 'Too Many Requests'],
  ])("is answered in the gateway's own words when %s", async (_, options, message) => {
    const { url, registry } = await start(options);
    const client = await SocketClient.open(url);
    client.send('{}');

    expect(await client.nextJson()).toEqual({
      message,
      connectionId: registry.ids()[0],
      requestId: expect.any(String),
    });
  });

  it('may have 128 KB in frames of 32 KB', async () => {
    const { url, event } = await start();
    const client = await SocketClient.open(url);
    const part = 'x'.repeat(32 * 1024);
    for (const fin of [false, false, false, true]) client.webSocket.send(part, { fin });

    expect((await event('MESSAGE')).body).toHaveLength(128 * 1024);
  });

  it.each([
    ['a frame of more than 32 KB', [32 * 1024 + 1], 1009],
    ['such a frame among others', [10, 32 * 1024 + 1], 1009],
    ['a message of more than 128 KB', [32, 32, 32, 32, 1].map((kilobytes) => kilobytes * 1024), 1009],
  ])('%s closes the connection', async (_, parts, code) => {
    const { url, event, events } = await start();
    const client = await SocketClient.open(url);
    for (const [index, length] of parts.entries())
      client.webSocket.send('x'.repeat(length), { fin: index === parts.length - 1 });

    expect(await client.closed).toMatchObject({ code });
    expect((await event('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: code });
    expect(events.map(({ requestContext }) => requestContext.eventType)).toEqual(['CONNECT', 'DISCONNECT']);
  });

  it('that is binary closes the connection', async () => {
    const { url, event, events } = await start();
    const client = await SocketClient.open(url);
    client.webSocket.send(Buffer.from('{}'));

    expect(await client.closed).toMatchObject({ code: 1003 });
    expect((await event('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: 1003 });
    expect(events).toHaveLength(2);
  });
});

function failsOnMessages({ requestContext: { eventType } }: { requestContext: { eventType: string } }) {
  if (eventType === 'MESSAGE') throw new Error('no');
  return { statusCode: 200 };
}

describe('the end of a connection to the local WebSocket API', () => {
  it.each([
    ['without a code', [], 1005, 'Client-side close frame status not set'],
    ['with a code', [4000, 'my reason'], 4000, 'my reason'],
  ] as const)('by its client, %s, is handed to $disconnect', async (_, close, code, reason) => {
    const { url, event, registry } = await start();
    const client = await SocketClient.open(url);
    const [connectionId] = registry.ids();
    client.webSocket.close(...(close as [number, string]));
    const { requestContext, ...rest } = await event('DISCONNECT');
    const headers = {
      Host: 'api.execute-api.us-east-1.amazonaws.com',
      'x-api-key': '',
      'X-Forwarded-For': '',
      'x-restapi': '',
    };

    expect(requestContext).toMatchObject({
      routeKey: '$disconnect',
      connectionId,
      disconnectStatusCode: code,
      disconnectReason: reason,
    });
    expect(rest).toMatchObject({ headers, isBase64Encoded: false });
    expect(Object.keys(rest).toSorted()).toEqual(['headers', 'isBase64Encoded', 'multiValueHeaders']);
    expect(registry.ids()).toEqual([]);
  });

  it('that nobody announced is one as well', async () => {
    const { url, event } = await start();
    (await SocketClient.open(url)).webSocket.terminate();

    expect((await event('DISCONNECT')).requestContext).toMatchObject({ disconnectStatusCode: 1006 });
  });

  it('comes when nothing was sent for 10 minutes', async () => {
    const { url, timers, event } = await start();
    const client = await SocketClient.open(url);
    timers.advance(10 * minute);

    expect(await client.closed).toMatchObject({ code: 1001 });
    expect((await event('DISCONNECT')).requestContext).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: 'Going away',
    });
    expect(timers.waiting).toBe(0);
  });

  it.each([
    [
      'a message of the client',
      async (client: SocketClient, { event }: Gateway) => {
        client.send('{}');
        await event('MESSAGE');
      },
    ],
    [
      'a message to the client',
      async (client: SocketClient, { registry }: Gateway) => {
        registry.find(registry.ids()[0] ?? '')?.send('hello');
        await client.next();
      },
    ],
  ])('is put off by %s', async (_, happen) => {
    const gateway = await start();
    const client = await SocketClient.open(gateway.url);
    gateway.timers.advance(9 * minute);
    await happen(client, gateway);
    gateway.timers.advance(9 * minute);
    expect(gateway.registry.ids()).toHaveLength(1);
    gateway.timers.advance(minute);
    expect(await client.closed).toMatchObject({ code: 1001 });
  });

  it('is not put off by a control frame, of which AWS says nothing', async () => {
    const { url, timers } = await start();
    const client = await SocketClient.open(url);
    timers.advance(9 * minute);
    client.webSocket.ping();
    await once(client.webSocket, 'pong');
    timers.advance(minute);

    expect(await client.closed).toMatchObject({ code: 1001 });
  });

  it('comes after 2 hours, whatever was sent', async () => {
    const { url, timers, registry } = await start();
    const client = await SocketClient.open(url);
    for (let passed = 0; passed < 115; passed += 5) {
      timers.advance(5 * minute);
      registry.find(registry.ids()[0] ?? '')?.send('still here');
    }
    timers.advance(5 * minute - 1);
    expect(registry.ids()).toHaveLength(1);
    timers.advance(1);
    expect(registry.ids()).toEqual([]);
    expect(await client.closed).toMatchObject({ code: 1001 });
  });
});
