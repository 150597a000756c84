import type { ReadStore } from '../../core/log/read-store.ts';
import { SegmentCache } from '../../core/log/segment-reader.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { ConnectionView } from '../../core/connections/connection.ts';
import type { Sink } from '../../core/session/output.ts';
import { Session } from '../../core/session/session.ts';
import { VirtualClock } from './virtual-clock.ts';

export const alice: Principal = { workspace: 'acme', user: 'alice', admin: false };

/** What a look at the item of an undisturbed stream shows. */
export async function stillThere(): Promise<ConnectionView> {
  return { state: {}, drain: undefined };
}

/** What a test may set of a session. */
interface SessionSetting {
  readonly cursor?: string;
  readonly sessionMs?: number;
  /** What the process may remember of the log. */
  readonly cacheBytes?: number;
  readonly random?: number;
  /** Whether nothing that is written arrives any more. */
  readonly isBroken?: () => boolean;
}

/** A session of alice, of ten virtual minutes unless said, whose writes a test sees and answers. */
export function open(
  log: ReadStore,
  write: Sink['write'],
  {
    cursor,
    sessionMs = 600_000,
    cacheBytes = 1024 * 1024,
    random = 0.5,
    isBroken = () => false,
  }: SessionSetting = {},
): { session: Session; clock: VirtualClock; text: () => string } {
  const clock = new VirtualClock();
  const end = clock.now() + sessionMs;
  let text = '';
  const session = new Session(
    {
      principal: alice,
      connectionId: 'c1',
      cursor,
      named: false,
      connectedAt: clock.now(),
      ends: { session_length: end, deadline: end, token_expired: end },
    },
    {
      cache: new SegmentCache(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100, cacheBytes }),
      clock,
      random: () => random,
      heartbeatMs: 15_000,
      retryMs: [1000, 3000],
      look: stillThere,
      moveDeadline: async () => true,
      onTrouble: () => undefined,
      sink: {
        write: (chunk) => {
          text += chunk;
          return write(chunk);
        },
        isBroken,
      },
    },
  );
  return { session, clock, text: () => text };
}
