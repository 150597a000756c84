import { everything } from '../../core/subscription/filter.ts';
import type { CurrentTasks } from '../../core/subscription/past.ts';
import type { Subscription } from '../../core/subscription/subscription.ts';
import type { Observer } from '../../core/observer.ts';
import type { ReadStore } from '../../core/log/read-store.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { SessionSettings } from '../../core/session/session-request.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { Session } from '../../core/session/session.ts';
import type { ConnectionItem, SessionPorts } from '../../core/session/ports.ts';
import type { Transport } from '../../core/session/transport.ts';
import { noTasks, nobody } from './memory-tasks.ts';
import { textTransport } from './text-transport.ts';
import { VirtualClock } from './virtual-clock.ts';

export const alice: Principal = { workspace: 'acme', user: 'alice', admin: false };

/** Settings as they are on the stages that exist. */
export const usualSettings: SessionSettings = {
  heartbeatMs: 15_000,
  retryMs: [1000, 3000],
  slowReaderMs: 30_000,
};

/** The item of a stream that nobody disturbs. */
export const undisturbed: ConnectionItem = {
  follow: () => undefined,
  state: async () => undefined,
  moveDeadline: async () => true,
};

/** Hears nothing. */
export const silentObserver: Observer = {
  written: () => undefined,
  opened: () => undefined,
  resumed: () => undefined,
  caughtUp: () => undefined,
  told: () => undefined,
  ended: () => undefined,
  polled: () => undefined,
  appended: () => undefined,
  pushed: () => undefined,
  refusedToken: () => undefined,
  trouble: () => undefined,
};

/** What a test may set of a session. */
interface SessionSetting {
  readonly cursor?: string | undefined;
  readonly since?: number;
  readonly subscription?: Subscription;
  /** Those of the process. */
  readonly turns?: CatchUpTurns;
  readonly tasks?: CurrentTasks;
  readonly awareness?: SessionPorts['awareness'];
  readonly presence?: boolean;
  readonly sessionMs?: number;
  /** What the process may remember of the log. */
  readonly cacheBytes?: number;
  readonly random?: number;
  /** One that others have too; its own otherwise. */
  readonly clock?: VirtualClock;
  /** Resolves when nothing that is written arrives any more. */
  readonly broken?: Promise<void>;
  readonly observer?: Observer;
  readonly close?: Transport['close'];
}

/** A session, of alice and all she may see unless said, of ten virtual minutes unless said, whose writes a test sees and answers. */
export function open(
  log: ReadStore,
  write: (text: string) => Promise<void> | undefined,
  {
    cursor,
    since,
    subscription = { principal: alice, filter: everything },
    turns = new CatchUpTurns(),
    tasks = noTasks,
    awareness = nobody,
    presence,
    sessionMs = 600_000,
    cacheBytes = 1024 * 1024,
    random = 0.5,
    clock = new VirtualClock(),
    broken,
    observer = silentObserver,
    close,
  }: SessionSetting = {},
): {
  session: Pick<Session, 'open' | 'end' | 'handOver'> & { run: () => Promise<EndReason> };
  clock: VirtualClock;
  text: () => string;
} {
  const end = clock.now() + sessionMs;
  let text = '';
  const session = new Session(
    {
      ...subscription,
      connectionId: 'c1',
      cursor,
      since,
      named: false,
      presence,
      connectedAt: clock.now(),
      ends: { session_length: end, deadline: end, token_expired: end },
    },
    usualSettings,
    {
      reader: new SegmentReader(log, { clock, random: () => 0.5, pollMinMs: 20, pollMaxMs: 100, cacheBytes }),
      turns,
      tasks,
      awareness,
      clock,
      random: () => random,
      connection: undisturbed,
      observer,
    },
  );
  const transport = textTransport(
    (chunk) => {
      text += chunk;
      return write(chunk);
    },
    broken,
    close,
  );
  return {
    session: {
      open: () => session.open(),
      run: () => session.run(transport),
      end: (reason) => session.end(reason),
      handOver: () => session.handOver(),
    },
    clock,
    text: () => text,
  };
}
