import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { serveFunctionUrl } from '../../local/gateway/function-url.ts';
import { FunctionProcess } from '../../local/functions/function-process.ts';
import { InvocationFailure } from '../../local/functions/invocation.ts';
import type { LogLine } from '../../local/functions/function-process.ts';

const bundle = `
let open = 0;
const afterFlood = [];
export async function buffered(event, context) {
  if (event.crash) process.exit(7);
  if (event.fail) throw new TypeError('bad input');
  if (event.clock) return [Date.now(), new Date().getTime(), new Date(0).getTime(), new Date() instanceof Date, Date.parse(Date()), context.getRemainingTimeInMillis() > 0];
  if (event.large) return 'x'.repeat(event.large);
  if (event.hang) await new Promise(() => {});
  if (event.log) console.warn({ message: 'noted', error: new RangeError('far') });
  return { event, name: context.functionName, remaining: context.getRemainingTimeInMillis(), id: context.awsRequestId };
}
export const streaming = awslambda.streamifyResponse(async (event, stream) => {
  const kind = event.queryStringParameters?.kind;
  if (kind === 'fail') throw new Error('before the first write');
  const metadata = { statusCode: 201, headers: { 'Content-Type': 'text/event-stream', 'Access-Control-Allow-Origin': '*' }, cookies: ['a=1'] };
  const http = awslambda.HttpResponseStream.from(stream, metadata);
  if (kind === 'end') return http.end('only end');
  if (kind === 'open') return http.end(String(open));
  if (kind === 'after a flood') {
    await new Promise((resolve) => afterFlood.push(resolve));
    http.write('first\\n');
    http.destroy();
    return;
  }
  http.write('first\\n');
  if (kind === 'fill the pipe') {
    http.write('x'.repeat(8e6));
    for (const begin of afterFlood) begin();
  }
  if (kind === 'waiting') return http.end(String(afterFlood.length));
  if (kind === 'cut') throw new Error('after the first write');
  if (kind === 'leave') {
    open++;
    const timer = setInterval(() => http.write('x'.repeat(100000)), 1);
    http.on('close', () => open--);
    return;
  }
  if (kind === 'give up') {
    let room = true;
    while (room) {
      for (let written = 0; written < 40e6 && room; written += 16384) room = http.write('x'.repeat(16384));
      if (!room) room = await Promise.race([new Promise((resolve) => http.once('drain', () => resolve(true))), new Promise((resolve) => setTimeout(resolve, 300))]);
    }
    http.destroy();
    return;
  }
  for (let written = 0; kind === 'flood' && written < 40e6; written += 16384) {
    if (http.write('x'.repeat(16384))) continue;
    const stalled = setTimeout(() => console.log('stalled'), 300);
    await new Promise((resolve) => http.once('drain', resolve));
    clearTimeout(stalled);
  }
  http.end('last\\n');
});
export const missing = 1;
`;

let directory: string;
const processes: FunctionProcess[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'taskwire-bundle-'));
  await writeFile(path.join(directory, 'index.mjs'), bundle);
});

afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

afterAll(() => rm(directory, { recursive: true }));

/** Collects log lines and lets a test wait for one. */
class Log {
  readonly #lines: LogLine[] = [];
  readonly #waiting: Array<() => void> = [];
  readonly add = (line: LogLine): void => {
    this.#lines.push(line);
    for (const check of this.#waiting) check();
  };
  find(part: string): Promise<LogLine> {
    return new Promise((resolve) => {
      const check = (): void => {
        const line = this.#lines.find(({ text }) => text.includes(part));
        if (line !== undefined) resolve(line);
      };
      this.#waiting.push(check);
      check();
    });
  }
}

function host(
  exportName: string,
  log = new Log(),
  timeoutSeconds = 60,
  clockSkewMs?: () => number,
): FunctionProcess {
  const process = new FunctionProcess(
    {
      name: 'sample',
      bundleDirectory: directory,
      handler: `index.${exportName}`,
      environment: { AWS_LAMBDA_FUNCTION_NAME: 'the-name', AWS_LAMBDA_LOG_FORMAT: 'JSON' },
      timeoutSeconds,
      clockSkewMs,
    },
    log.add,
  );
  processes.push(process);
  return process;
}

/** Serves the streaming handler as a Function URL. */
async function serve(log = new Log(), timeoutSeconds?: number): Promise<string> {
  const target = host('streaming', log, timeoutSeconds);
  const server = createServer((request, response) => {
    const url = {
      urlId: 'url',
      domain: 'url.example',
      cors: { AllowOrigins: [] },
      target,
      admits: () => true,
    };
    void serveFunctionUrl(url, request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).once('error', reject);
  });
}

describe('a function process', () => {
  it('gives results, with a context', async () => {
    const sample = host('buffered');
    const results = (await Promise.all([1, 2, 3].map((n) => sample.invokeBuffered({ n })))) as Array<{
      event: unknown;
      name: string;
      remaining: number;
      id: string;
    }>;
    expect(results.map(({ event }) => event)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(new Set(results.map(({ id }) => id)).size).toBe(3);
    expect(results[0]?.name).toBe('the-name');
    expect(results[0]?.remaining).toBeGreaterThan(0);
    expect((await sample.memory()).rss).toBeGreaterThan(1_000_000);
  });

  it("gives a handler's error in Lambda's shape", async () => {
    const failure = host('buffered').invokeBuffered({ fail: true });
    await expect(failure).rejects.toThrow(InvocationFailure);
    await expect(failure).rejects.toMatchObject({
      detail: { errorType: 'TypeError', errorMessage: 'bad input' },
    });
  });

  it('takes no result that Lambda would not take', async () => {
    const sample = host('buffered');
    const most = 6_291_556 - '""'.length;
    await expect(sample.invokeBuffered({ large: most })).resolves.toHaveLength(most);
    await expect(sample.invokeBuffered({ large: most + 1 })).rejects.toMatchObject({
      detail: { errorType: 'Function.ResponseSizeTooLarge' },
    });
  });

  it('ends an invocation at its timeout', async () => {
    await expect(host('buffered', new Log(), 0.2).invokeBuffered({ hang: true })).rejects.toMatchObject({
      detail: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringContaining('timed out after 0.20 seconds'),
      },
    });
  });

  it('fails what runs when it crashes, and starts again', async () => {
    const sample = host('buffered');
    await sample.start();
    const before = sample.pids;
    const hanging = sample.invokeBuffered({ hang: true });
    const crashing = sample.invokeBuffered({ crash: true });
    await expect(crashing).rejects.toMatchObject({ detail: { errorType: 'Runtime.ExitError' } });
    await expect(hanging).rejects.toMatchObject({ detail: { errorType: 'Runtime.ExitError' } });
    expect(await sample.invokeBuffered({ n: 1 })).toMatchObject({ event: { n: 1 } });
    expect(sample.pids).not.toEqual(before);
  });

  it('fails what runs when it is killed, and starts again', async () => {
    const sample = host('buffered');
    await sample.start();
    const before = sample.pids;
    const hanging = sample.invokeBuffered({ hang: true });
    hanging.catch(() => {});
    await sample.crash();
    await expect(hanging).rejects.toMatchObject({
      detail: { errorMessage: expect.stringContaining('SIGKILL') },
    });
    expect(await sample.invokeBuffered({ n: 1 })).toMatchObject({ event: { n: 1 } });
    expect(sample.pids).not.toEqual(before);
  });

  it('tells who asks for its memory when it dies, and answers the next', async () => {
    const sample = host('buffered');
    await sample.start();
    const asked = sample.memory();
    const dying = sample.crash();
    await expect(asked).rejects.toThrow('SIGKILL');
    await dying;
    expect((await sample.memory()).rss).toBeGreaterThan(1_000_000);
  });

  it('stays ended when it was closed, whoever invokes it still', async () => {
    const sample = host('buffered');
    await sample.start();
    await sample.close();
    await expect(sample.invokeBuffered({ n: 1 })).rejects.toThrow(InvocationFailure);
    expect(sample.pids).toEqual([]);
  });

  it('may have a clock that is off, and another one after a crash', async () => {
    let skew = 3_600_000;
    const sample = host('buffered', new Log(), 5, () => skew);
    const read = async (): Promise<number[]> => {
      const [now, created, epoch, isDate, text, hasTime] = (await sample.invokeBuffered({
        clock: true,
      })) as number[];
      expect([epoch, isDate, hasTime]).toEqual([0, true, true]);
      return [now!, created!, text!].map((time) => Math.abs(Math.round((time - Date.now()) / 60_000)));
    };
    expect(await read()).toEqual([60, 60, 60]);
    skew = 0;
    await sample.crash();
    expect(await read()).toEqual([0, 0, 0]);
  });

  it('says why a handler cannot be loaded', async () => {
    await expect(host('missing').start()).rejects.toThrow('exports no function missing');
  });

  it("writes the console's lines as JSON, errors too", async () => {
    const log = new Log();
    await host('buffered', log).invokeBuffered({ log: true });
    const { text } = await log.find('noted');
    expect(JSON.parse(text)).toMatchObject({
      level: 'WARN',
      requestId: expect.any(String),
      message: { message: 'noted', error: { errorType: 'RangeError', errorMessage: 'far' } },
    });
  });
});

describe('a streamed response', () => {
  it('runs no further ahead of a receiver that is full than a window, and goes on when there is room', async () => {
    const log = new Log();
    let received = 0;
    let hasRoom = false;
    const ended = Promise.withResolvers<void>();
    const event = { queryStringParameters: { kind: 'flood' } };
    const { resume } = host('streaming', log, 60).invoke(event, {
      result: () => {},
      failed: ({ errorMessage }) => ended.reject(new Error(errorMessage)),
      contentType: () => {},
      chunk: (bytes) => {
        received += bytes.length;
        return hasRoom;
      },
      end: () => ended.resolve(),
    });
    await log.find('stalled');
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThan(512 * 1024);
    hasRoom = true;
    resume();
    await ended.promise;
    expect(received).toBeGreaterThan(40e6);
  });
});

describe('a Function URL', () => {
  it('passes status, headers, cookies and body, and no CORS headers of the function', async () => {
    const response = await fetch(await serve());
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('set-cookie')).toBe('a=1');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(await response.text()).toBe('first\nlast\n');
  });

  it('gives 200 and the data alone when the handler only called end(data)', async () => {
    const response = await fetch(`${await serve()}?kind=end`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(await response.text()).toBe('only end');
  });

  it('gives 502 for a failure before the first write, and cuts the stream for one after it', async () => {
    const url = await serve();
    expect((await fetch(`${url}?kind=fail`)).status).toBe(502);
    const cut = await fetch(`${url}?kind=cut`);
    expect(cut.status).toBe(201);
    await expect(cut.text()).rejects.toThrow('terminated');
  });

  it('cuts an answer that the function breaks off right after its head, whatever else is on the way', async () => {
    const url = await serve();
    const answer = fetch(`${url}?kind=after+a+flood`);
    while ((await (await fetch(`${url}?kind=waiting`)).text()) !== 'first\n1') await setImmediate();
    const flood = fetch(`${url}?kind=fill+the+pipe`);
    const cut = await answer;
    expect(cut.status).toBe(201);
    await expect(cut.text()).rejects.toThrow('terminated');
    expect(await (await flood).text()).toHaveLength(8e6 + 'first\nlast\n'.length);
  });

  it('lets the function go on, unaware, when the client has left', async () => {
    const url = await serve();
    const response = await open(`${url}?kind=leave`);
    await new Promise((resolve) => response.once('data', resolve));
    const left = new Promise((resolve) => response.once('close', resolve));
    response.destroy();
    await left;
    expect(await (await fetch(`${url}?kind=open`)).text()).toBe('1');
  });

  it('makes the function wait for a client that reads nothing, until it reads', async () => {
    const log = new Log();
    const response = await open(`${await serve(log)}?kind=flood`);
    await log.find('stalled');
    const ended = new Promise((resolve) => response.once('end', resolve));
    response.resume();
    await ended;
    expect(response.complete).toBe(true);
  });

  it('breaks the answer off when the function gives up a client that reads nothing', async () => {
    // With a time limit that the test does not see: at its own, any answer is broken off.
    const url = await serve(new Log(), 600);
    const server = servers.at(-1)!;
    const response = await open(`${url}?kind=give+up`);
    const connections = (): Promise<number> =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      });
    expect(await connections()).toBe(1);
    // Nothing is read: only the server can have closed it.
    while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const closed = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => {}).resume();
    await closed;
    expect(response.complete).toBe(false);
  });
});
