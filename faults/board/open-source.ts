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
  /** Whether it is told of other users too. */
  readonly presence: boolean;
  readonly random: Random;
  readonly onFrame: (frame: Frame) => void;
  readonly onEnd: () => void;
}

/** Opens what brings a client its events, over the transport that it wants. */
export function openSource(opening: Opening): Source {
  const { transport, origin, user, token, cursor, cursorInQuery, lease, presence, random, onFrame, onEnd } =
    opening;
  if (transport === 'socket') {
    const url = `${origin.replace(/^http/, 'ws')}${paths.webSocket}?token=${token}`;
    const wish = {
      ...(user.statuses !== undefined && { status: user.statuses }),
      ...(presence && { presence }),
    };
    return new WebSocketClient({ url, wish, cursor, random, onFrame, onEnd });
  }
  const wish = `${lease === undefined ? '' : `&lease=${lease}`}${presence ? '&presence=true' : ''}`;
  const query = `token=${token}${wish}${filterOf(user)}`;
  return new EventSourceClient({
    url: `${origin}${paths.stream}?${query}`,
    cursor,
    cursorInQuery,
    onFrame,
    onEnd,
  });
}
