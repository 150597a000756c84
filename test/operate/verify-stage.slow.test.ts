import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../core/clock.ts';
import type { Timers } from '../../local/websocket/timers.ts';
import { systemClock } from '../../lambdas/shared/runtime/clock.ts';
import { smallChunk } from '../../local/functions/held-chunks.ts';
import { openTables } from '../../operate/stack/tables.ts';
import type { Aws } from '../../operate/verify-account/aws/aws.ts';
import type { Context } from '../../operate/verify-account/context.ts';
import { measureAdmission } from '../../operate/verify-account/on-stage/admission.ts';
import { emptyAnswer } from '../../operate/verify-account/on-stage/empty-answer.ts';
import { heldChunks, isFirstHeld, tryHeldChunks } from '../../operate/verify-account/on-stage/held-chunks.ts';
import { measureLatency } from '../../operate/verify-account/on-stage/latency.ts';
import { leaving } from '../../operate/verify-account/on-stage/leaving.ts';
import { readTime } from '../../operate/verify-account/on-stage/reads.ts';
import { socketFrames, socketIdle, socketLife } from '../../operate/verify-account/on-stage/sockets.ts';
import { isObject } from '../../tools/smoke/http-answer.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { fastClock, stackContext, stageFacts } from './experiment-context.ts';

/** What the functions wait for each answer of the tables, milliseconds. */
let slowMs = 0;
/** API Gateway's ten minutes are fifteen seconds here. */
const faster = 40;
const socketClock = fastClock(faster);

/** Two hours are 24 seconds. */
const hourly = 300;

/** The timers of a stack whose WebSockets age so many times as fast. */
function timersOf(clock: Clock, factor: number): Timers {
  return {
    now: () => clock.now(),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds / factor);
      return () => clearTimeout(timer);
    },
  };
}

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({
    onAwsCall: () => (slowMs > 0 ? { kind: 'delay', milliseconds: slowMs } : undefined),
    socketTimers: timersOf(socketClock, faster),
  });
});
afterEach(() => {
  slowMs = 0;
});
afterAll(() => stack.close());

/** The deployment of a context, where some of what it does is done otherwise. */
function otherwise(context: Context, change: (deployment: Context['deployment']) => void): Context {
  change(context.deployment);
  return context;
}

describe('held chunks', () => {
  it('are told by the events that come only with the next write', async () => {
    const holding = await TestStack.start({
      holdChunksBelow: smallChunk,
      environment: { PADDING_BYTES: '0' },
    });
    try {
      const context = await stackContext(holding, 'held', { clock: fastClock(3) });
      expect(await heldChunks.run(context)).toEqual({
        verdict: 'differs',
        found: '5 of 5 events were held back',
        measured: {
          'first frame, ms': expect.any(Number),
          'events that came by themselves': 0,
          'events that were held': 5,
          'further events that pushed a held one out': 1,
        },
      });
      const admin = { sub: 'root', workspace: 'held', admin: true };
      expect((await holding.request(admin, 'GET', '/tasks')).body.tasks).toEqual([]);
    } finally {
      await holding.close();
    }
  });

  it('are none where the padding that stages have pushes them out', async () => {
    const padded = await TestStack.start({
      holdChunksBelow: smallChunk,
      environment: { PADDING_BYTES: String(stageFacts.paddingBytes) },
    });
    try {
      expect(await heldChunks.run(await stackContext(padded, 'padded'))).toMatchObject({
        verdict: 'as assumed',
        measured: { 'events that were held': 0 },
      });
    } finally {
      await padded.close();
    }
  });

  it('are none where nothing is held', async () => {
    const tried = await tryHeldChunks(await stackContext(stack, 'free'), 2);
    expect(tried.events).toEqual([{ isHeld: false }, { isHeld: false }]);
    expect(isFirstHeld(tried)).toBe(false);
  });

  it('hold a first frame back too, until the ping', async () => {
    const events = [{ isHeld: false }];
    expect([9000, 15_000].map((firstFrameMs) => isFirstHeld({ firstFrameMs, events }))).toEqual([
      false,
      true,
    ]);
  });
});

describe('with a slow database', () => {
  it('the latency differs', async () => {
    const context = await stackContext(stack, 'slow-events', { clock: fastClock(20) });
    // That of the waits for a frame is the machine's.
    slowMs = 500;
    expect(await measureLatency({ ...context, clock: fastClock(1) }, 2)).toMatchObject({
      verdict: 'differs',
    });
  });

  it('the admission differs', async () => {
    const context = await stackContext(stack, 'slow-streams');
    slowMs = 100;
    expect(await measureAdmission(context, 1)).toMatchObject({ verdict: 'differs' });
  });

  it('a read differs', async () => {
    const context = await stackContext(stack, 'slow-reads');
    const client = openTables(stack.local.databaseEndpoint);
    client.middlewareStack.add(
      (next) => async (request) => {
        await systemClock.sleep(20);
        return next(request);
      },
      { step: 'build' },
    );
    expect(await readTime.run({ ...context, tables: { ...context.tables, client } })).toMatchObject({
      verdict: 'differs',
    });
  });
});

describe('with a usual database', () => {
  it('half of the events come within a poll and a second', async () => {
    const { verdict, measured } = await measureLatency(await stackContext(stack, 'events'), 2);
    expect(measured['median, ms']).toBeGreaterThan(0);
    expect(verdict).toBe('as assumed');
  });

  it('streams are let in, and reads are fast', async () => {
    const context = await stackContext(stack, 'streams');
    const admitted = await measureAdmission(context, 2);
    expect(admitted.measured['admission, ms']).toBeLessThan(2000);
    expect((await readTime.run(context)).measured['read, ms']).toBeLessThan(1000);
  });
});

describe('whether a function is told that its client has left', () => {
  it('is no, where the stream runs on', async () => {
    const context = await stackContext(stack, 'left', { clock: fastClock(10) });
    expect(await leaving.run(context)).toMatchObject({
      verdict: 'as assumed',
      found: 'the stream still ran 60 s after its client had left',
    });
  });

  it('is yes, where the stream ends', async () => {
    const context = otherwise(await stackContext(stack, 'told'), (deployment) => {
      const connect = deployment.connect.bind(deployment);
      deployment.connect = async (...request) => {
        const stream = await connect(...request);
        const close = stream.close.bind(stream);
        // As a host does that tells the function.
        stream.close = () => {
          close();
          const [first] = stream.frames;
          const id = isObject(first?.data) ? String(first.data['connectionId']) : '';
          void deployment.disconnect(id, AbortSignal.timeout(60_000));
        };
        return stream;
      };
    });
    expect(await leaving.run(context)).toMatchObject({ verdict: 'differs' });
  });
});

describe('an empty answer', () => {
  it('is over at once, and is no stream', async () => {
    expect(await emptyAnswer.run(await stackContext(stack, 'empty'))).toMatchObject({
      verdict: 'as assumed',
      measured: { status: 204 },
    });
  });

  it.each([
    ['with another status', 200],
    ['that is an error', 502],
  ])('%s differs', async (_, status) => {
    const context = otherwise(await stackContext(stack, 'not-empty'), (deployment) => {
      const request = deployment.request.bind(deployment);
      deployment.request = async (...asked) => {
        const answer = await request(...asked);
        return answer.status === 204 ? { ...answer, status } : answer;
      };
    });
    expect(await emptyAnswer.run(context)).toMatchObject({ verdict: 'differs', measured: { status } });
  });

  it.each([
    ['the function was done', 'as assumed', 12],
    ['the function hung until its time limit', 'differs', 330_000],
    ['the function has not ended', 'differs', undefined],
  ])('on AWS counts by its report: %s', async (_, verdict, durationMs) => {
    const asked: string[] = [];
    const aws: Partial<Aws> = {
      logLines: async (name, pattern) => {
        asked.push(`${name} ${pattern}`);
        return durationMs === undefined ? [] : [JSON.stringify({ record: { metrics: { durationMs } } })];
      },
    };
    const more = { aws: aws as Aws, clock: fastClock(1000) };
    const context = otherwise(await stackContext(stack, 'reported', more), (deployment) => {
      const request = deployment.request.bind(deployment);
      deployment.request = async (...rest) => {
        const answer = await request(...rest);
        const headers = new Headers([...answer.headers, ['x-amzn-requestid', 'request-1']]);
        return { ...answer, headers };
      };
    });
    expect(await emptyAnswer.run(context)).toMatchObject({ verdict });
    expect(asked[0]).toBe('stream { $.type = "platform.report" && $.record.requestId = "request-1" }');
  });
});

describe('a WebSocket', () => {
  it('is ended by API Gateway’s codes', async () => {
    expect(await socketFrames.run(await stackContext(stack, 'frames'))).toMatchObject({
      verdict: 'as assumed',
      measured: {
        'code for a frame of 33 KB': 1009,
        'code for a message of 150 KB': 1009,
        'code for a binary frame': 1003,
      },
    });
  });

  it('that is idle is ended after ten minutes, whatever control frames it sends', async () => {
    const context = await stackContext(stack, 'idle', { clock: socketClock });
    expect(await socketIdle.run(context)).toMatchObject({ verdict: 'as assumed' });
  });

  it('that talks is ended after two hours', async () => {
    const clock = fastClock(hourly);
    const timed = await TestStack.start({ socketTimers: timersOf(clock, hourly) });
    try {
      const context = await stackContext(timed, 'life', { clock });
      expect(await socketLife.run(context)).toMatchObject({
        verdict: 'as assumed',
        measured: { code: 1001 },
      });
    } finally {
      await timed.close();
    }
  });

  it('that others end differs', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', () => socket.close(1000)));
    const { port } = server.address() as AddressInfo;
    const context = await stackContext(stack, 'others', { clock: fastClock(600) });
    const socket = { url: new URL(`ws://127.0.0.1:${port}`), token: 'a.b.c' };
    try {
      expect(await socketFrames.run({ ...context, socket, clock: systemClock })).toMatchObject({
        verdict: 'differs',
        measured: { 'code for a frame of 33 KB': 1000, 'code for a binary frame': 1000 },
      });
      expect(await socketIdle.run({ ...context, socket })).toMatchObject({
        verdict: 'differs',
        measured: { 'silent, s': 'open', 'with control frames, s': 'open' },
      });
      // Ends as our functions end it.
      expect(await socketLife.run({ ...context, socket })).toMatchObject({ verdict: 'could not tell' });
    } finally {
      for (const client of server.clients) client.terminate();
      server.close();
    }
  });
});
