import type { Clock, Random } from '../../../core/clock.ts';
import type { Admission, ConnectionLimits } from '../../../core/connections/admission.ts';
import { admit, isSuccessor, mostRunning } from '../../../core/connections/admission.ts';
import { noQuestionsFor, windowAt } from '../../../core/connections/questions.ts';
import type { StoredConnection } from '../dynamodb/connection-item.ts';
import type { ConnectionStore } from '../dynamodb/connection-store.ts';
import type { ConnectionEnds } from '../web-socket/connection-ends.ts';
import type { OpenConnections } from '../dynamodb/open-connections.ts';
import type { RevocationStore } from '../dynamodb/revocation-store.ts';
import { refuseRevoked } from '../auth/revocable-tokens.ts';
import type { VerifiedToken } from '../auth/verifier.ts';
import type { StreamLimit } from './stream-limit.ts';
import { soonSeconds } from './stream-limit.ts';
import type { WorkspaceRoom } from './workspace-room.ts';

export interface AdmissionsOptions {
  readonly connections: Pick<ConnectionStore, 'add' | 'countQuestions'>;
  readonly ends: Pick<ConnectionEnds, 'askToEnd'>;
  readonly openConnections: Pick<OpenConnections, 'readUser'>;
  readonly revocations: Pick<RevocationStore, 'read'>;
  readonly room: Pick<WorkspaceRoom, 'read' | 'look'>;
  readonly limits: Pick<ConnectionLimits, 'perUser'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Items of a user that are looked at besides those that may count: functions that were killed leave some for a while. */
const spareItems = 50;

/** The longest time after which one that was refused comes back, seconds. */
const latestSeconds = 300;

/** Lets streams in; where a limit is reached it asks the user's other streams whether anybody is there. */
export class Admissions {
  readonly #options: AdmissionsOptions;

  constructor(options: AdmissionsOptions) {
    this.#options = options;
  }

  /**
   * Notes a stream, then sees what stands against it: in this order, so that of two that come at once at least one sees
   * the other, and a revocation finds the stream or the stream finds the revocation. One whose token is known to be revoked
   * is not even noted: it would count against the streams that the user has with good tokens.
   * @returns what stands against it; undefined where nothing does.
   * @throws {TokenRefused} when the token is revoked; what the tables throw.
   */
  async admit(connection: StoredConnection, token: VerifiedToken): Promise<StreamLimit | undefined> {
    const { connections, ends, openConnections, revocations, room, limits, clock, random } = this.#options;
    const { workspace, user, id } = connection;
    const { perUser } = limits;
    refuseRevoked(token, await revocations.read(connection));
    await connections.add(connection);
    const now = clock.now();
    const [revoked, { connections: read, questions }, count] = await Promise.all([
      revocations.read(connection),
      openConnections.readUser(workspace, user, 2 * mostRunning(perUser) + spareItems),
      room.read(workspace),
    ]);
    refuseRevoked(token, revoked);
    const ofUser = read.some((each) => each.id === id) ? read : [...read, connection];
    const noQuestionsMs = noQuestionsFor(questions, perUser, now);
    const found = isSuccessor(connection, ofUser) ? 'free' : await room.look(workspace, count);
    const decided = admit({
      newest: connection,
      ofUser,
      isWorkspaceFull: found === 'full',
      mayAsk: noQuestionsMs === 0,
      perUser,
      now,
      random,
    });
    const makesNoRoom = !('refused' in decided) && decided.asked.length + decided.ended.length === 0;
    // Nobody is asked for a place that may be free: who comes back in a moment sees it.
    const admission: Admission = found === 'unsure' && makesNoRoom ? { refused: 'workspace_limit' } : decided;
    if ('refused' in admission) {
      const { refused } = admission;
      return {
        reason: refused,
        retryAfterSeconds: refused === 'user_limit' ? later(noQuestionsMs) : soonSeconds,
      };
    }
    const { asked, ended } = admission;
    const all = asked.length + ended.length;
    if (all === 0) return undefined;
    // Counted first: what cannot be counted must not be asked.
    await connections.countQuestions(workspace, user, windowAt(questions, perUser, now), all);
    await Promise.all([
      ...asked.map((each) => ends.askToEnd(each, 'liveness_check', now)),
      ...ended.map((each) => ends.askToEnd(each, 'connection_limit', now)),
    ]);
    return undefined;
  }
}

/** When one may come back that cannot be let in for so long, milliseconds; in whole seconds. */
function later(noQuestionsMs: number): number {
  return Math.max(soonSeconds, Math.min(Math.ceil(noQuestionsMs / 1000), latestSeconds));
}
