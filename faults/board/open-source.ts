import { paths } from '../../protocol/routes.ts';
import type { Random } from '../random.ts';
import type { User } from '../judge/visibility.ts';
import { filterOf } from '../judge/visibility.ts';
import { EventSourceClient } from './event-source.ts';
import type { Frame } from './frame-order.ts';
import type { Source } from './source.ts';
import { WebSocketClient } from './web-socket.ts';

/** What brings a client its events. */
export type TransportName = 'stream' | 'socket';

/** A connection that is to be opened. */
export interface Opening {
  readonly transport: TransportName;
  readonly origin: string;
  readonly user: User;
  readonly token: string;
  /** Where it begins; now, when it is left out. */
  readonly cursor: string | undefined;
  /** Of a stream alone: gives the cursor in the query, as clients do that are no browsers. */
  readonly cursorInQuery: boolean;
  /** Of a stream alone: seconds of a lease. */
  readonly lease: number | undefined;
  readonly random: Random;
  readonly onFrame: (frame: Frame) => void;
  readonly onEnd: () => void;
}

/** Opens what brings a client its events, over the transport that it wants. */
export function openSource(opening: Opening): Source {
  const { transport, origin, user, token, cursor, cursorInQuery, lease, random, onFrame, onEnd } = opening;
  if (transport === 'socket') {
    const url = `${origin.replace(/^http/, 'ws')}${paths.webSocket}?token=${token}`;
    const wish = user.statuses === undefined ? {} : { status: user.statuses };
    return new WebSocketClient({ url, wish, cursor, random, onFrame, onEnd });
  }
  const query = `token=${token}${lease === undefined ? '' : `&lease=${lease}`}${filterOf(user)}`;
  return new EventSourceClient({
    url: `${origin}${paths.stream}?${query}`,
    cursor,
    cursorInQuery,
    onFrame,
    onEnd,
  });
}
