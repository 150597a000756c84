import { once } from 'node:events';
import WebSocket from 'ws';
import { bearerPrefix, subprotocol } from '../../../protocol/web-socket.ts';
import type { Context } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { together } from '../statistics.ts';

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

const tooLarge = { bytes: 33 * 1024, code: 1009 } as const;
const binaryCode = 1003;

export const socketFrames: Experiment = {
  name: 'socket-frames',
  question: 'How does API Gateway end a WebSocket for a frame that is too large, or binary?',
  dependsOn: '`local/websocket/limits.ts`, which plays it, and what docs/PROTOCOL.md says of close codes',
  method: `Opens two WebSockets and sends a frame of ${tooLarge.bytes / 1024} KB on one, a binary one on the other.`,
  assumed: `close code ${tooLarge.code} for the one above 32 KB, ${binaryCode} for the binary one`,
  change: 'the codes in `local/websocket/limits.ts` and in docs/PROTOCOL.md ("How a connection ends")',
  cents: 1,
  minutes: 1,
  needs: ['socket'],
  run: async (context) => {
    const large = await openSocket(context);
    large.socket.send('x'.repeat(tooLarge.bytes));
    const binary = await openSocket(context);
    binary.socket.send(Buffer.from([1, 2, 3]));
    const ends = await Promise.all([endOf(large, context, 30_000), endOf(binary, context, 30_000)]);
    const wanted = [tooLarge.code, binaryCode];
    return {
      verdict: together(ends.map((end, index) => (end?.code === wanted[index] ? 'as assumed' : 'differs'))),
      found: `a large frame ended it with ${ends[0]?.code ?? 'nothing'}, a binary one with ${ends[1]?.code ?? 'nothing'}`,
      measured: { 'code, large': ends[0]?.code ?? 'none', 'code, binary': ends[1]?.code ?? 'none' },
    };
  },
};

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

const idleMs = 10 * 60_000;
const watchMs = 11 * 60_000;
const controlFrameMs = 60_000;
const toleranceMs = 30_000;

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
    const pinging = pingAMinute(pinged.socket, context, over.signal);
    const ends = await Promise.all([endOf(silent, context, watchMs), endOf(pinged, context, watchMs)]);
    over.abort();
    await pinging;
    const [silentMs, pingedMs] = ends.map((end) => (end === undefined ? undefined : end.at - began));
    const said = (ms: number | undefined): string =>
      ms === undefined ? `not in ${watchMs / 60_000} minutes` : `after ${Math.round(ms / 1000)} s`;
    return {
      verdict: isAsAssumed(silentMs) && isAsAssumed(pingedMs) ? 'as assumed' : 'differs',
      found: `the silent one ended ${said(silentMs)}, the one with control frames ${said(pingedMs)}`,
      measured: {
        'silent, s': silentMs === undefined ? 'open' : Math.round(silentMs / 1000),
        'with control frames, s': pingedMs === undefined ? 'open' : Math.round(pingedMs / 1000),
      },
    };
  },
};

/** Whether a connection was ended at the time at which idle ones are. */
function isAsAssumed(ms: number | undefined): boolean {
  return ms !== undefined && Math.abs(ms - idleMs) <= toleranceMs;
}

async function pingAMinute(socket: WebSocket, { clock, signal }: Context, over: AbortSignal): Promise<void> {
  const stop = AbortSignal.any([signal, over]);
  for (;;) {
    await clock.sleep(controlFrameMs, stop);
    if (stop.aborted || socket.readyState !== WebSocket.OPEN) return;
    socket.ping();
  }
}
