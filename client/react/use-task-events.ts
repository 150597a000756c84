import type { AwarenessEvent } from '../../protocol/awareness.ts';
import type { Established, Message } from '../../protocol/frames.ts';
import type { Connection } from '../connection/connection.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import type { TokenOrNone, UseConnectionOptions } from './use-connection.ts';
import { useConnected } from './use-connection.ts';
import { none, useNow } from './use-opened.ts';

/** What `onmessage` of an EventSource sees. */
export type ReceivedEvent = Established | TaskEvent | AwarenessEvent;

export interface UseTaskEventsOptions extends UseConnectionOptions {
  /** How many events are kept, the last ones; all of them unless it is said. */
  readonly limit?: number | undefined;
}

/**
 * The events of a user since the component has mounted, in order, each once: the first of each stream too, which is
 * `connection.established`. There are none without a token, and with another token it begins anew.
 * @param token as `useConnection` takes it, and the options.
 */
export function useTaskEvents(
  token: TokenOrNone,
  { limit = Infinity, ...options }: UseTaskEventsOptions = {},
): readonly ReceivedEvent[] {
  const log = useConnected(token, options, (connection) => logOf(connection, limit), limit);
  return useNow(log?.subscribe, () => log?.getSnapshot() ?? none, none as readonly ReceivedEvent[]);
}

/** What a connection tells, for the one component that shows it, once for all that comes at a time. */
function logOf(connection: Connection, limit: number) {
  let tell: (() => void) | undefined;
  let events: readonly ReceivedEvent[] = none;
  let added: ReceivedEvent[] = [];
  connection.on('frame', ({ name, data }) => {
    if (name !== 'message') return;
    if (added.push(JSON.parse(data) as Message | AwarenessEvent) > 1) return;
    queueMicrotask(() => {
      events = [...events, ...added].slice(-limit);
      added = [];
      tell?.();
    });
  });
  return {
    getSnapshot: () => events,
    subscribe: (listener: () => void) => {
      tell = listener;
      return () => {
        tell = undefined;
      };
    },
    close: () => connection.close(),
  };
}
