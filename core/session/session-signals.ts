import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Resume } from '../../protocol/frames.ts';
import type { Clock } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { LogFrame } from '../subscription/frames-from.ts';
import type { SessionRequest } from './session-request.ts';

/** What a session tells its observer with. */
export interface SessionSignalsPorts {
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'opened' | 'resumed' | 'caughtUp' | 'told' | 'ended'>;
}

/** What an operator hears of one session. */
export class SessionSignals {
  readonly #request: Pick<SessionRequest, 'connectionId' | 'connectedAt' | 'follows'>;
  readonly #ports: SessionSignalsPorts;
  /** How many events it has told of what was before it came; undefined once it has told all of them, or was asked for none. */
  #behind: number | undefined;

  constructor(
    request: Pick<SessionRequest, 'connectionId' | 'connectedAt' | 'follows'>,
    ports: SessionSignalsPorts,
  ) {
    this.#request = request;
    this.#ports = ports;
  }

  /** @param goesOn whether its client goes on from somewhere before the end of the log. */
  opened(goesOn: boolean): void {
    this.#behind = goesOn ? 0 : undefined;
    const { connectionId, follows = false } = this.#request;
    this.#ports.observer.opened(connectionId, 'stream', follows);
  }

  resumed(resume: Resume): void {
    this.#ports.observer.resumed(this.#request.connectionId, resume);
  }

  /** An event was handed over. */
  told({ writtenAt }: Pick<LogFrame, 'writtenAt'>): void {
    if (writtenAt === undefined) return;
    const { clock, observer } = this.#ports;
    const isOld = writtenAt < this.#request.connectedAt;
    if (this.#behind !== undefined) this.#behind += 1;
    // The clock of who wrote may be ahead.
    observer.told(isOld ? undefined : Math.max(0, clock.now() - writtenAt));
  }

  /** All that was logged has been told. */
  atEnd(): void {
    if (this.#behind === undefined) return;
    const { connectionId, connectedAt } = this.#request;
    const { clock, observer } = this.#ports;
    observer.caughtUp(connectionId, this.#behind, clock.now() - connectedAt);
    this.#behind = undefined;
  }

  /** @param heardAt when its client was last known to be there, epoch milliseconds. */
  ended(reason: EndReason | undefined, heardAt: number): void {
    const { connectionId, connectedAt } = this.#request;
    const { clock, observer } = this.#ports;
    const now = clock.now();
    observer.ended(connectionId, 'stream', { reason, afterMs: now - connectedAt, unheardMs: now - heardAt });
  }
}
