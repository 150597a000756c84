import { establishedType } from '../../protocol/frames.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import type { SmokeSocket, SocketMessage } from './socket.ts';
import { endsSnapshot, isAt } from './presence-checks.ts';
import type { StepOutcome } from './steps.ts';

const subscription = 'smoke-test';

/** Opens a WebSocket and subscribes. Measures the time until it is told that it has everything. */
export async function subscribe(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StepOutcome<SmokeSocket>> {
  const began = performance.now();
  const socket = await deployment.openSocket(signal);
  if (socket === undefined) {
    throw new SmokeFailure(
      'the WebSocket was refused; a client is not told why',
      'clients of the second transport get nothing; the token is good, for the API has taken it',
      'give --socket-url for a stage whose edge is off (the output WebSocketUrl); look at the log of the websocket function; where CloudFront stands in front, at its behavior for /ws',
    );
  }
  try {
    socket.say({ action: 'subscribe', subscription });
    const last = await socket.until(
      (frames) => frames.find(({ event }) => event === 'live' || event === 'error'),
      signal,
    );
    const [first] = socket.frames;
    if (last?.event !== 'live' || first?.data['type'] !== establishedType) {
      throw new SmokeFailure(
        `the answer to a subscription began with ${describe(first)}; wanted ${establishedType} and live`,
        'a client is let in and then told nothing that it can begin with',
        'look at the log of the websocket function, and whether it may manage the connections of this API',
      );
    }
    return { value: socket, found: 'connection.established, live', ms: last.receivedAt - began };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Waits until a task that was made has been pushed. Measures the time from `began` to the push. */
export async function awaitPush(
  socket: SmokeSocket,
  signal: AbortSignal,
  taskId: number,
  began: number,
): Promise<StepOutcome<SocketMessage>> {
  const isWanted = ({ data }: SocketMessage): boolean =>
    data['type'] === 'task.created' && data['taskId'] === taskId;
  const pushed = await socket
    .until((frames) => frames.find(isWanted), signal)
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  if (pushed) return { value: pushed, found: 'task.created, pushed', ms: pushed.receivedAt - began };
  throw new SmokeFailure(
    'the event of a task that was made was not pushed',
    'clients of the second transport hear nothing while streams do',
    'look at the logs of the fan-out and of the push function',
  );
}

/** Sees that a ping with a cursor is answered. Measures the time to the answer. */
export async function pingSocket(
  socket: SmokeSocket,
  signal: AbortSignal,
  cursor: unknown,
): Promise<StepOutcome<true>> {
  const began = performance.now();
  socket.say({ action: 'ping', subscription, cursor });
  const answer = await socket.until(
    (frames) => frames.find(({ event }) => event === 'ping' || event === 'resume' || event === 'error'),
    signal,
  );
  if (answer?.event === 'ping') return { value: true, found: 'ping', ms: answer.receivedAt - began };
  throw new SmokeFailure(
    `a ping was answered with ${describe(answer)}; wanted ping`,
    'a client cannot tell whether its connection is alive and up to date',
    'look at the log of the websocket function; check that API and WebSocket are of one stage',
  );
}

/**
 * Subscribes once more, with presence, says over the WebSocket that its page is at a task, and waits until that is pushed.
 * Measures the time from saying to the push.
 */
export async function pushPresence(
  socket: SmokeSocket,
  signal: AbortSignal,
  taskId: number,
): Promise<StepOutcome<true>> {
  const wanted = async (what: string, find: (frame: SocketMessage) => boolean): Promise<SocketMessage> => {
    const found = await socket
      .until((frames) => frames.find((frame) => find(frame) || frame.event === 'error'), signal)
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    if (found && found.event !== 'error') return found;
    throw new SmokeFailure(
      `over the WebSocket ${what} did not come; last came ${describe(socket.frames.at(-1))}`,
      'clients of the second transport do not see who is there',
      'look at the logs of the websocket and of the push function',
    );
  };
  socket.say({ action: 'subscribe', subscription: `${subscription}-presence`, presence: true });
  await wanted('presence.snapshot', ({ data }) => endsSnapshot(data));
  const began = performance.now();
  socket.say({ action: 'presence', state: 'active', taskId });
  await wanted('the answer to presence', ({ event }) => event === 'presence');
  const pushed = await wanted(
    'that a user has opened a task',
    ({ data }) => String(data['type']).startsWith('presence.') && isAt(data, taskId),
  );
  return { value: true, found: 'told at which task', ms: pushed.receivedAt - began };
}

function describe(frame: SocketMessage | undefined): string {
  return frame === undefined ? 'nothing' : JSON.stringify({ event: frame.event, data: frame.data });
}
