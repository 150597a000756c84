import { once } from 'node:events';
import WebSocket from 'ws';
import { bearerPrefix, subprotocol } from '../../../protocol/web-socket.ts';
import type { Context } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { cannotTell, together } from '../statistics.ts';

/** An open connection, and how it ends. */
interface OpenSocket {
  readonly socket: WebSocket;
  /** The close code, and when; epoch milliseconds of the experiments' clock. */
  readonly ended: Promise<{ readonly code: number; readonly at: number }>;
}

/** Opens a WebSocket by the token, as a browser does. */
async function openSocket({ socket: target, clock, signal }: Context): Promise<OpenSocket> {
  if (target === undefined) throw new TypeError('the experiment needs the WebSocket and does not say so');
  const socket = new WebSocket(target.url, [subprotocol, `${bearerPrefix}${target.token}`]);
  // What follows says how it ends; without a listener it would end the process.
  socket.on('error', () => undefined);
  const ended = new Promise<{ code: number; at: number }>((resolve) => {
    socket.once('close', (code) => resolve({ code, at: clock.now() }));
  });
  const refused = ended.then(({ code }) => {
    throw new Error(`the WebSocket was not opened (${code})`);
  });
  try {
    await Promise.race([once(socket, 'open', { signal }), refused]);
  } finally {
    refused.catch(() => undefined);
  }
  return { socket, ended };
}

const kilobyte = 1024;
const binaryCode = 1003;
/** The code of an end that our functions make. */
const ownEndCode = 1000;
const tooLargeCode = 1009;

/** What ends a connection, the code that it ends with, and how it is sent. */
const wrongs = {
  'a frame of 33 KB': {
    code: tooLargeCode,
    send: (socket: WebSocket) => socket.send('x'.repeat(33 * kilobyte)),
  },
  'a message of 150 KB': {
    code: tooLargeCode,
    send: (socket: WebSocket) => {
      for (let part = 1; part <= 5; part += 1) socket.send('x'.repeat(30 * kilobyte), { fin: part === 5 });
    },
  },
  'a binary frame': { code: binaryCode, send: (socket: WebSocket) => socket.send(Buffer.from([1, 2, 3])) },
} as const;

export const socketFrames: Experiment = {
  name: 'socket-frames',
  question: 'How does API Gateway end a WebSocket for a frame or a message that is too large, or binary?',
  dependsOn: '`local/websocket/limits.ts`, which plays it, and what docs/PROTOCOL.md says of close codes',
  method: `Opens three WebSockets and sends ${Object.keys(wrongs).join(', ')}; the message is in frames of 30 KB.`,
  assumed: Object.entries(wrongs)
    .map(([name, { code }]) => `close code ${code} for ${name}`)
    .join(', '),
  change: 'the codes in `local/websocket/limits.ts` and in docs/PROTOCOL.md ("How a connection ends")',
  cents: 1,
  minutes: 2,
  needs: ['socket'],
  run: async (context) => {
    const found = await Promise.all(
      Object.entries(wrongs).map(async ([name, { code, send }]) => {
        const opened = await openSocket(context);
        send(opened.socket);
        const end = await endOf(opened, context, answerMs);
        return { name, isAsAssumed: end?.code === code, code: end?.code ?? 'none' };
      }),
    );
    return {
      verdict: together(found.map(({ isAsAssumed }) => (isAsAssumed ? 'as assumed' : 'differs'))),
      found: found.map(({ name, code }) => `${name} ended it with ${code}`).join(', '),
      measured: Object.fromEntries(found.map(({ name, code }) => [`code for ${name}`, code])),
    };
  },
};

/** How long an end may take, milliseconds. */
const answerMs = 30_000;

/** How a connection ends, in so much time; undefined where it does not, and is closed from here then. */
async function endOf(
  { socket, ended }: OpenSocket,
  { clock, signal }: Context,
  limitMs: number,
): Promise<Awaited<OpenSocket['ended']> | undefined> {
  const over = new AbortController();
  const late = clock.sleep(limitMs, AbortSignal.any([signal, over.signal])).then(() => undefined);
  const end = await Promise.race([ended, late]);
  over.abort();
  socket.terminate();
  signal.throwIfAborted();
  return end;
}

const idle = { ms: 10 * 60_000, watchMs: 11 * 60_000, toleranceMs: 30_000 } as const;
const controlFrameMs = 60_000;

export const socketIdle: Experiment = {
  name: 'socket-idle',
  question: 'When does a WebSocket end on which nobody says anything, and do control frames keep it?',
  dependsOn:
    'how often clients `ping` (docs/PROTOCOL.md, "every few minutes"), `socketPingSeconds` in `operate/cost/measured.ts`, `idleMs` in `local/websocket/limits.ts`',
  method:
    'Opens two WebSockets and sends nothing, but a control frame a minute on the second, and waits for eleven minutes.',
  assumed: 'both end after 10 minutes: control frames do not count',
  change:
    'shorter: clients ping more often, and docs/PROTOCOL.md says so. Kept by control frames: say so there, and let `local/websocket/socket-server.ts` count them',
  cents: 1,
  minutes: 12,
  needs: ['socket'],
  run: async (context) => {
    const [silent, pinged] = [await openSocket(context), await openSocket(context)];
    const began = context.clock.now();
    const over = new AbortController();
    const pinging = everySoOften(controlFrameMs, pinged.socket, context, over.signal, () => {
      pinged.socket.ping();
    });
    const ends = await Promise.all([
      endOf(silent, context, idle.watchMs),
      endOf(pinged, context, idle.watchMs),
    ]);
    over.abort();
    await pinging;
    const [silentMs, pingedMs] = ends.map((end) => (end === undefined ? undefined : end.at - began));
    const said = (ms: number | undefined): string =>
      ms === undefined ? `not in ${idle.watchMs / 60_000} minutes` : `after ${Math.round(ms / 1000)} s`;
    return {
      verdict: isNear(silentMs, idle) && isNear(pingedMs, idle) ? 'as assumed' : 'differs',
      found: `the silent one ended ${said(silentMs)}, the one with control frames ${said(pingedMs)}`,
      measured: {
        'silent, s': silentMs === undefined ? 'open' : Math.round(silentMs / 1000),
        'with control frames, s': pingedMs === undefined ? 'open' : Math.round(pingedMs / 1000),
      },
    };
  },
};

/** Whether a connection was ended at about the time that is assumed. */
function isNear(
  ms: number | undefined,
  assumed: { readonly ms: number; readonly toleranceMs: number },
): boolean {
  return ms !== undefined && Math.abs(ms - assumed.ms) <= assumed.toleranceMs;
}

/** Does something again and again as long as a connection is open. */
async function everySoOften(
  pauseMs: number,
  socket: WebSocket,
  { clock, signal }: Context,
  over: AbortSignal,
  act: () => void,
): Promise<void> {
  const stop = AbortSignal.any([signal, over]);
  for (;;) {
    await clock.sleep(pauseMs, stop);
    if (stop.aborted || socket.readyState !== WebSocket.OPEN) return;
    act();
  }
}

const life = {
  ms: 120 * 60_000,
  watchMs: 130 * 60_000,
  toleranceMs: 8 * 60_000,
  messageMs: 60_000,
} as const;

export const socketLife: Experiment = {
  name: 'socket-life',
  question: 'Is a WebSocket ended after two hours, whatever its client says?',
  dependsOn:
    'the `handover` before it (`lambdas/websocket/`), `tokenSeconds` in `operate/cost/measured.ts`, `longestMs` in `local/websocket/limits.ts`',
  method: 'Opens a WebSocket, sends a message each minute, and waits for its end.',
  assumed: 'it ends after 2 hours, or with its token before',
  change: '`longestMs` in `local/websocket/limits.ts`, and docs/PROTOCOL.md ("How a connection ends")',
  cents: 1,
  minutes: 131,
  needs: ['socket', 'time'],
  run: async (context) => {
    const opened = await openSocket(context);
    const began = context.clock.now();
    const over = new AbortController();
    const talking = everySoOften(life.messageMs, opened.socket, context, over.signal, () => {
      opened.socket.send(JSON.stringify({ action: 'subscribe', subscription: 'verify-account' }));
    });
    const end = await endOf(opened, context, life.watchMs);
    over.abort();
    await talking;
    if (end === undefined) {
      return { verdict: 'differs', found: `it was open for ${life.watchMs / 60_000} minutes`, measured: {} };
    }
    const ms = end.at - began;
    const measured = { 'ended after, s': Math.round(ms / 1000), code: end.code };
    const found = `it ended after ${Math.round(ms / 60_000)} minutes with ${end.code}`;
    // The product ends it with its token; what API Gateway does has another code.
    if (end.code === ownEndCode)
      return cannotTell(`${found}, with its token: use one that lives for longer`, measured);
    return { verdict: isNear(ms, life) ? 'as assumed' : 'differs', found, measured };
  },
};
