import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Http } from '../../lambdas/canary/http.ts';
import { ProbeStream } from '../../lambdas/canary/probe-stream.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

const established = `data: ${JSON.stringify({ type: 'connection.established', connectionId: 'c' })}\n\n`;

describe('the stream of the canary', () => {
  let server: Server;
  let answer: { readonly status: number; readonly parts: readonly string[]; readonly ends: boolean };
  const http = new Http();
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.writeHead(answer.status);
      for (const part of answer.parts) response.write(part);
      if (answer.ends) response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function open(signal: AbortSignal = new AbortController().signal): Promise<ProbeStream> {
    const streamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return ProbeStream.open({ http, streamUrl, token: 'the-token', signal, clock: new VirtualClock() });
  }

  it('has its token in no URL, and a lease that ends it should the canary die', async () => {
    answer = { status: 200, parts: [':\n', established.slice(0, 9), established.slice(9)], ends: false };
    const stream = await open();
    expect((await stream.established()).data.connectionId).toBe('c');
    // Whoever asks later hears of it as well.
    expect((await stream.established()).data.connectionId).toBe('c');
    expect(asked.at(-1)).toBe('/sse/connect?lease=90 Bearer the-token');
    stream.close();
  });

  it.each([
    ['is told why it ends', 'event: end\ndata: {"reason":"workspace_limit"}\n\n', false, /limit/],
    ['is closed', '', true, /^the stream has ended without a word$/],
    ['tells what no client can read', 'data: {"type":\n\n', false, /^a frame is no JSON$/],
  ])('hears nothing more where it %s', async (_, part, ends, message) => {
    answer = { status: 200, parts: [established, part], ends };
    const stream = await open();
    await stream.established();
    await expect(stream.until((data) => data.type === 'task.created')).rejects.toThrow(message);
    stream.close();
  });

  it('waits no longer than it may', async () => {
    answer = { status: 200, parts: [established], ends: false };
    const deadline = new AbortController();
    const stream = await open(deadline.signal);
    const waiting = stream.until((data) => data.type === 'task.created');
    deadline.abort();
    await expect(waiting).rejects.toThrow('nothing was heard in time');
    stream.close();
  });

  it('is not opened where it is refused, and says so by status and code', async () => {
    answer = { status: 429, parts: ['{"error":"what is wrong","code":"workspace_limit"}'], ends: true };
    await expect(open()).rejects.toThrow(new Error('GET /sse/connect answers 429 workspace_limit'));
    answer = { status: 502, parts: ['<html>'], ends: true };
    await expect(open()).rejects.toThrow(new Error('GET /sse/connect answers 502'));
  });
});
