import type { Clock } from '../../core/clock.ts';
import type { ConnectionLimits } from '../../core/stream/limits.ts';
import { admit, ENDING_SOON_MS, KNOWN_MS } from '../../core/stream/limits.ts';
import type { ConnectionStore, StoredConnection } from '../aws/connection-store.ts';
import type { RevocationStore } from '../aws/revocation-store.ts';
import { refuseRevoked } from '../aws/token-gate.ts';
import type { VerifiedToken } from '../aws/verifier.ts';
import { HttpError } from '../http/answer.ts';

export interface AdmissionsOptions {
  readonly connections: Pick<ConnectionStore, 'add' | 'listOfUser' | 'openIds' | 'end'>;
  readonly revocations: Pick<RevocationStore, 'read'>;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
}

/** The most workspaces whose streams are remembered. */
const MOST_KNOWN = 100;

/** The streams of a workspace at a time, and those that were added here since. By id: each counts once. */
interface Known {
  readonly at: number;
  readonly ids: Promise<Set<string>>;
}

/** Lets streams in, at the price of the user's oldest where a limit is reached. */
export class Admissions {
  readonly #options: AdmissionsOptions;
  readonly #known = new Map<string, Known>();

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
    const [revoked, ofUser, known] = await Promise.all([
      revocations.read(connection),
      connections.listOfUser(workspace, user, now),
      this.#openIds(workspace, now),
    ]);
    refuseRevoked(token, revoked);
    let ids = known.add(connection.id);
    let admission = admit(ofUser, connection, ids.size, limits, now);
    // Some of those remembered may have left. Who is refused for that comes back; a stream that is ended does not.
    if (admission !== 'refused' && admission.evicted.length > 0 && ids.size > limits.perWorkspace) {
      this.#known.delete(workspace);
      ids = (await this.#openIds(workspace, now)).add(connection.id);
      admission = admit(ofUser, connection, ids.size, limits, now);
    }
    if (admission === 'refused') {
      ids.delete(connection.id);
      const message = 'the workspace has as many open streams as it may have: try again in a while';
      throw new HttpError(429, 'workspace_limit', message, { 'retry-after': '5' });
    }
    for (const { id } of admission.evicted) ids.delete(id);
    await Promise.all(admission.evicted.map((evicted) => connections.end(evicted, 'connection_limit')));
  }

  /** The streams of a workspace; those that left in the last moments too. */
  #openIds(workspace: string, now: number): Promise<Set<string>> {
    const known = this.#known.get(workspace);
    if (known && now - known.at < KNOWN_MS) return known.ids;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    // Without those that hand over while this is good: their clients open the next one first.
    const ids = this.#options.connections.openIds(workspace, now + ENDING_SOON_MS + KNOWN_MS);
    ids.catch(() => this.#known.delete(workspace));
    this.#known.set(workspace, { at: now, ids });
    return ids;
  }
}
