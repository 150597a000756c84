import type { Viewer } from '../../protocol/awareness.ts';
import { paths } from '../../protocol/paths.ts';
import { backOff } from '../connection/backoff.ts';
import type { Connection } from '../connection/connection.ts';
import { RequestRefused } from '../http/request.ts';
import { TurnListeners } from '../shared/turn-listeners.ts';
import { Others } from './others.ts';
import { OwnTyping } from './own-typing.ts';
import { OwnView } from './own-view.ts';
import type { Presence, PresenceOptions } from './presence-types.ts';

/**
 * Says how this page is seen, until it is closed, and keeps who else is there and who types.
 * @param connection one that was opened with `presence: true`.
 */
export function createPresence(
  connection: Pick<Connection, 'status' | 'on' | 'send'>,
  { taskId, transport }: PresenceOptions = {},
): Presence {
  const closing = new AbortController();
  const { signal } = closing;
  const listeners = new TurnListeners();
  const others = new Others(transport !== 'websocket', () => listeners.changed());
  const ends = [
    connection.on('presence', (event) => others.take(event)),
    connection.on('status', ({ state }) => {
      if (state === 'live') view.renew();
      // Its end would not be told.
      else others.forgetTyping();
    }),
  ];
  const view = new OwnView(connection, taskId, signal);
  const typing = new OwnTyping(connection);
  // What the stream began with was told before.
  if (connection.status.state === 'live') void load(connection, others, signal);
  return {
    getSnapshot: () => others.viewers,
    viewersAt: (id) => others.viewersAt(id),
    typingAt: (id) => others.typingAt(id),
    subscribe: (listener) => listeners.add(undefined, listener),
    setTask: (id) => view.setTask(id),
    typing: (id) => {
      if (!signal.aborted) typing.input(id);
    },
    stopTyping: () => typing.stop(),
    close: () => {
      for (const end of ends) end();
      listeners.close();
      typing.stop();
      others.forgetTyping();
      closing.abort();
    },
  };
}

/** Asks who is there. */
async function load(
  connection: Pick<Connection, 'send'>,
  others: Others,
  signal: AbortSignal,
): Promise<void> {
  for (let failed = 1; !signal.aborted; failed += 1) {
    try {
      const { viewers } = (await connection.send('GET', paths.presence)) as { viewers: readonly Viewer[] };
      return others.takeList(viewers);
    } catch (error) {
      if (error instanceof RequestRefused && !error.isPassing) return;
      await backOff(failed, signal).catch(() => undefined);
    }
  }
}
