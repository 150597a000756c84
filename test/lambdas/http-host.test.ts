import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { once } from 'node:events';
import type { Host, HostAnswer, HostRequest } from '../../lambdas/stream/host.ts';
import { HttpHost } from '../../lambdas/stream/http-host.ts';
import type { HttpHostSettings } from '../../lambdas/stream/http-host.ts';
import { streamCors } from '../../lambdas/stream/cors.ts';
import { systemClock } from '../../lambdas/shared/runtime/clock.ts';

const head = { statusCode: 200, headers: { 'content-type': 'text/event-stream' } };

/** A request as the host has handed it over, and its answer. */
interface Served {
  readonly request: HostRequest;
  readonly host: Host;
  readonly answer: HostAnswer;
  readonly done: () => void;
}

/** A server of streams that answers a request with its opening and leaves the rest to a test. */
class ScriptedServer {
  readonly served: Served[] = [];
  /** Why all had to end, and over how long, milliseconds. */
  readonly endings: [reason: string, spreadMs: number][] = [];
  endsStreams = true;
  readonly refused: (() => void)[] = [];
  /** What an answer waits for before it begins. */
  opening: Promise<void> = Promise.resolve();

  async serve(asked: HostRequest, host: Host): Promise<void> {
    await this.opening;
    const answer = await host.answer(head, ':\n');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.served.push({ request: asked, host, answer, done: resolve });
    await promise;
  }

  async refuse(_asked: HostRequest, host: Host): Promise<void> {
    const answer = await host.answer(head, ':\n');
    void answer.write('event: end\n\n');
    answer.end();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.refused.push(resolve);
    await promise;
  }

  async endAll(reason: string, spreadMs: number): Promise<void> {
    this.endings.push([reason, spreadMs]);
    if (!this.endsStreams) await new Promise(() => {});
    for (const { answer, done } of this.served) {
      void answer.write('event: end\n\n');
      answer.end();
      done();
    }
  }
}

describe('the host of many streams', () => {
  const server = new ScriptedServer();
  let host: HttpHost;
  let port: number;

  async function start(settings: Partial<HttpHostSettings> = {}): Promise<void> {
    host = new HttpHost(
      { requestMs: 900_000, mostStreams: 100, stopMs: 1000, ...settings },
      { server, cors: streamCors('https://app.example,https://other.example'), clock: systemClock },
    );
    ({ port } = await host.listen(0, '127.0.0.1'));
  }

  /** Sends a request; its answer when the head is there. */
  async function send(
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ): Promise<IncomingMessage> {
    const sent = request({ host: '127.0.0.1', port, path, headers, method, agent: false }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    return answer;
  }

  async function textOf(answer: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  afterEach(async () => {
    for (const { done } of server.served.splice(0)) done();
    for (const done of server.refused.splice(0)) done();
    server.opening = Promise.resolve();
    await host.close();
    server.endings.length = 0;
    server.endsStreams = true;
  });

  it('hands a request over as a Function URL would', async () => {
    await start();
    const before = Date.now();
    const answer = await send('/sse/connect/?token=a%20b&tasks=1&tasks=2&named', { 'Last-Event-ID': 'c1' });
    const [{ request: asked }] = server.served as [Served];
    expect(asked).toMatchObject({
      method: 'GET',
      path: '/sse/connect',
      query: { token: 'a b', tasks: '1,2', named: '' },
      headers: { 'last-event-id': 'c1' },
    });
    expect(asked.deadline - before).toBeGreaterThanOrEqual(900_000);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    answer.destroy();
  });

  it('hears that a client has left', async () => {
    await start();
    const answer = await send('/sse/connect');
    answer.destroy();
    await expect(server.served[0]!.answer.broken).resolves.toBeUndefined();
  });

  it('hears that a client has left before its answer began', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.opening = promise;
    await start();
    const sent = request({ host: '127.0.0.1', port, path: '/sse/connect' }).end();
    sent.on('error', () => undefined);
    await once(sent, 'finish');
    await send('/health');
    sent.destroy();
    await send('/health');
    resolve();
    await send('/health');
    await expect(server.served[0]!.answer.broken).resolves.toBeUndefined();
  });

  it('tells whoever is one too many to come back, and takes others again when one has gone', async () => {
    await start({ mostStreams: 1 });
    const first = await send('/sse/connect');
    // Those who are told may take long to read it.
    for (let time = 0; time < 3; time += 1)
      expect(await textOf(await send('/sse/connect'))).toBe(':\nevent: end\n\n');
    expect(server.served).toHaveLength(1);
    server.served[0]!.answer.end();
    server.served[0]!.done();
    await textOf(first);
    const again = await send('/sse/connect');
    expect(server.served).toHaveLength(2);
    again.destroy();
  });

  it('ends its streams when it must go, and takes no more', async () => {
    await start();
    const answer = await send('/sse/connect');
    const text = textOf(answer);
    await host.close();
    expect(await text).toBe(':\nevent: end\n\n');
    expect(server.endings).toEqual([['deploy', 0]]);
    await expect(send('/sse/connect')).rejects.toThrow(/ECONNREFUSED|hang up/);
  });

  it('spreads their ends over the time that it has, but for what the last ones take', async () => {
    await start({ stopMs: 30_000 });
    await host.close();
    expect(server.endings).toEqual([['deploy', 20_000]]);
  });

  it('is gone in its time, whatever becomes of the streams', async () => {
    await start({ stopMs: 300 });
    server.endsStreams = false;
    const answer = await send('/sse/connect');
    const broken = once(answer, 'error');
    await host.close();
    await broken;
    expect(answer.complete).toBe(false);
  });

  it('answers preflights of the origins that may call, and of no other', async () => {
    await start();
    const asking = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    };
    const allowed = await send('/sse/connect', { origin: 'https://other.example', ...asking }, 'OPTIONS');
    expect(allowed.statusCode).toBe(200);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://other.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'authorization,cache-control,last-event-id,x-taskwire-errors',
      'access-control-max-age': '3600',
    });
    const stranger = await send('/sse/connect', { origin: 'https://evil.example', ...asking }, 'OPTIONS');
    expect(stranger.headers).not.toHaveProperty('access-control-allow-origin');
    const stream = await send('/sse/connect', { origin: 'https://app.example' });
    expect(stream.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'retry-after',
      vary: 'Origin',
    });
    stream.destroy();
    expect(server.served).toHaveLength(1);
  });

  it('says whether it takes requests, and refuses what is no path', async () => {
    await start();
    expect((await send('/health')).statusCode).toBe(200);
    expect((await send('http://elsewhere/sse/connect')).statusCode).toBe(400);
    expect(server.served).toHaveLength(0);
  });

  it('gives room when a slow client has read', async () => {
    await start();
    const answer = await send('/sse/connect');
    answer.pause();
    const { answer: stream } = server.served[0]!;
    let room: Promise<void> | undefined;
    while (room === undefined) room = stream.write('x'.repeat(64 * 1024));
    answer.resume();
    await expect(room).resolves.toBeUndefined();
    answer.destroy();
  });
});
