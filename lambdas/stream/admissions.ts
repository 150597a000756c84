import type { Clock } from '../../core/clock.ts';
import type { Admission, ConnectionLimits } from '../../core/stream/limits.ts';
import { admit, ENDING_SOON_MS, KNOWN_MS } from '../../core/stream/limits.ts';
import type { ConnectionStore, StoredConnection } from '../aws/connection-store.ts';
import type { RevocationStore } from '../aws/revocation-store.ts';
import { refuseRevoked } from '../aws/token-gate.ts';
import type { VerifiedToken } from '../aws/verifier.ts';
import type { StreamCount, WorkspaceCount } from '../aws/workspace-count.ts';
import { HttpError } from '../http/answer.ts';

export interface AdmissionsOptions {
  readonly connections: Pick<ConnectionStore, 'add' | 'listOfUser' | 'openIds' | 'end'>;
  readonly revocations: Pick<RevocationStore, 'read'>;
  readonly counts: Pick<WorkspaceCount, 'read' | 'claim' | 'write'>;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
}

/** How long a count may be used while somebody else counts anew, milliseconds. */
const COUNT_GOOD_MS = 60_000;

/** With less room than this, and a quarter of the limit, the streams are counted exactly: many may come at once. */
const LEAST_ROOM = 100;

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
   * the other, and a revocation finds the stream or the stream finds the revocation. One whose token is known to be revoked
   * is not even noted: it would count against the streams that the user has with good tokens.
   * @throws {TokenRefused} when the token is revoked; {HttpError} 429 when the workspace is full; what the tables throw.
   */
  async admit(connection: StoredConnection, token: VerifiedToken): Promise<void> {
    const { connections, revocations, counts, limits, clock } = this.#options;
    const { workspace, user } = connection;
    refuseRevoked(token, await revocations.read(connection));
    await connections.add(connection);
    const now = clock.now();
    const [revoked, ofUser, count] = await Promise.all([
      revocations.read(connection),
      connections.listOfUser(workspace, user, now),
      counts.read(workspace),
    ]);
    refuseRevoked(token, revoked);
    const admission = (await this.#hasRoom(workspace, count, now))
      ? admit(ofUser, connection, 0, limits, now)
      : await this.#admitByCount(connection, ofUser, now);
    if (admission === 'refused') {
      const message = 'the workspace has as many open streams as it may have: try again in a while';
      throw new HttpError(429, 'workspace_limit', message, { 'retry-after': '5' });
    }
    await Promise.all(admission.evicted.map((evicted) => connections.end(evicted, 'connection_limit')));
  }

  /** Whether a workspace is so far from its limit that the last count will do. */
  async #hasRoom(workspace: string, count: StreamCount | undefined, now: number): Promise<boolean> {
    const { counts, limits } = this.#options;
    const age = Math.abs(now - (count?.at ?? -Infinity));
    const room = limits.perWorkspace - (count?.streams ?? Infinity);
    if (count === undefined || age > COUNT_GOOD_MS || room < LEAST_ROOM + limits.perWorkspace / 4)
      return false;
    return age < KNOWN_MS || !(await counts.claim(workspace, count, now));
  }

  async #admitByCount(
    connection: StoredConnection,
    ofUser: readonly StoredConnection[],
    now: number,
  ): Promise<Admission> {
    const { limits } = this.#options;
    const { workspace, id } = connection;
    let ids = (await this.#openIds(workspace, now)).add(id);
    let admission = admit(ofUser, connection, ids.size, limits, now);
    // Some of those remembered may have left. Who is refused for that comes back; a stream that is ended does not.
    if (admission !== 'refused' && admission.evicted.length > 0 && ids.size > limits.perWorkspace) {
      this.#known.delete(workspace);
      ids = (await this.#openIds(workspace, now)).add(id);
      admission = admit(ofUser, connection, ids.size, limits, now);
    }
    if (admission === 'refused') ids.delete(id);
    else for (const evicted of admission.evicted) ids.delete(evicted.id);
    return admission;
  }

  /** The streams of a workspace; those that left in the last moments too. */
  #openIds(workspace: string, now: number): Promise<Set<string>> {
    const before = this.#known.get(workspace);
    if (before && now - before.at < KNOWN_MS) return before.ids;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const known = { at: now, ids: this.#readOpenIds(workspace, now) };
    known.ids.catch(() => {
      if (this.#known.get(workspace) === known) this.#known.delete(workspace);
    });
    this.#known.set(workspace, known);
    return known.ids;
  }

  async #readOpenIds(workspace: string, now: number): Promise<Set<string>> {
    const { connections, counts } = this.#options;
    // Without those that hand over while this is good: their clients open the next one first.
    const ids = await connections.openIds(workspace, now + ENDING_SOON_MS + KNOWN_MS);
    // It spares others a read; without it they count themselves.
    await counts.write(workspace, { streams: ids.size, at: now }).catch(() => undefined);
    return ids;
  }
}
