import type { Clock } from '../../core/clock.ts';
import type { ConnectionLimits } from '../../core/stream/limits.ts';
import { admit, ENDING_SOON_MS } from '../../core/stream/limits.ts';
import type { ConnectionStore, StoredConnection } from '../aws/connection-store.ts';
import type { RevocationStore } from '../aws/revocation-store.ts';
import { refuseRevoked } from '../aws/token-gate.ts';
import type { VerifiedToken } from '../aws/verifier.ts';
import { HttpError } from '../http/answer.ts';

export interface AdmissionsOptions {
  readonly connections: Pick<ConnectionStore, 'add' | 'listOfUser' | 'count' | 'end'>;
  readonly revocations: Pick<RevocationStore, 'read'>;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
}

/** How long the number of a workspace's streams is good for, milliseconds: a thousand clients that come back ask once. */
const COUNT_MS = 2000;

/** The most workspaces whose number is remembered. */
const MOST_COUNTS = 1000;

interface Count {
  readonly at: number;
  readonly count: Promise<number>;
  /** Whether the number is known; a stream that was added before is in it, give or take those of the same moment. */
  isKnown: boolean;
  /** How many streams were added here since. */
  added: number;
}

/** Lets streams in, at the price of the user's oldest where a limit is reached. */
export class Admissions {
  readonly #options: AdmissionsOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: AdmissionsOptions) {
    this.#options = options;
  }

  /**
   * Notes a stream, then sees what stands against it: in this order, so that of two that come at once at least one sees
   * the other, and a revocation finds the stream or the stream finds the revocation.
   * @throws {TokenRefused} when the token is revoked; {HttpError} 429 when the workspace is full; what the tables throw.
   */
  async admit(connection: StoredConnection, token: VerifiedToken): Promise<void> {
    const { connections, revocations, limits, clock } = this.#options;
    const { workspace, user } = connection;
    await connections.add(connection);
    const now = clock.now();
    const [revoked, ofUser, inWorkspace] = await Promise.all([
      revocations.read(connection),
      connections.listOfUser(workspace, user, now),
      this.#count(workspace, now),
    ]);
    refuseRevoked(token, revoked);
    const admission = admit(ofUser, connection, inWorkspace, limits, now);
    if (admission === 'refused') {
      const message = 'the workspace has as many open streams as it may have: try again in a while';
      throw new HttpError(429, 'workspace_limit', message, { 'retry-after': '5' });
    }
    await Promise.all(admission.evicted.map((evicted) => connections.end(evicted, 'connection_limit')));
  }

  /** How many streams a workspace has, this one among them; those that left in the last moments too. */
  async #count(workspace: string, now: number): Promise<number> {
    const known = this.#counts.get(workspace);
    if (known && now - known.at < COUNT_MS) {
      if (known.isKnown) known.added += 1;
      const { added } = known;
      return (await known.count) + added;
    }
    if (this.#counts.size >= MOST_COUNTS) this.#counts.clear();
    const begun = {
      at: now,
      // Without those that hand over while the number is good: their clients open the next one first.
      count: this.#options.connections.count(workspace, now + ENDING_SOON_MS + COUNT_MS),
      isKnown: false,
      added: 0,
    };
    this.#counts.set(workspace, begun);
    begun.count.then(
      () => (begun.isKnown = true),
      () => this.#counts.delete(workspace),
    );
    return begun.count;
  }
}
