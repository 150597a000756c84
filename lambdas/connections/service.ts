import { paths } from '../../protocol/routes.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { StoredConnection } from '../shared/dynamodb/connection-item.ts';
import type { ConnectionStore } from '../shared/dynamodb/connection-store.ts';
import type { ConnectionEnds } from '../shared/web-socket/connection-ends.ts';
import type { OpenConnections } from '../shared/dynamodb/open-connections.ts';
import type { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { cutAt } from '../../core/connections/revocation.ts';
import { Refusal } from '../../core/refusal.ts';

/** A lease that was renewed: its length in seconds, and its new end in epoch milliseconds. */
export interface RenewedLease {
  readonly lease: number;
  readonly expiresAt: number;
}

/** What the service keeps in tables. */
export interface ConnectionServiceStores {
  readonly connections: ConnectionStore;
  readonly ends: ConnectionEnds;
  readonly openConnections: OpenConnections;
  readonly revocations: RevocationStore;
}

/** What others than their own session do with open streams, apart from HTTP. Times in epoch milliseconds. */
export class ConnectionService {
  readonly #connections: ConnectionStore;
  readonly #ends: ConnectionEnds;
  readonly #openConnections: OpenConnections;
  readonly #revocations: RevocationStore;
  readonly #tokenLifeSeconds: number;
  readonly #now: () => number;

  /** @param tokenLifeSeconds the longest life of a token that is accepted. */
  constructor(
    { connections, ends, openConnections, revocations }: ConnectionServiceStores,
    tokenLifeSeconds: number,
    now: () => number,
  ) {
    this.#connections = connections;
    this.#ends = ends;
    this.#openConnections = openConnections;
    this.#revocations = revocations;
    this.#tokenLifeSeconds = tokenLifeSeconds;
    this.#now = now;
  }

  /**
   * The open streams of the principal's workspace.
   * @throws {Refusal} 403 for others than admins.
   */
  async list(principal: Principal): Promise<readonly StoredConnection[]> {
    requireAdmin(principal, 'see the connections');
    return this.#openConnections.list(principal.workspace, this.#now());
  }

  /** Ends a stream of the principal's own, if it is there at all; it counts until its session has ended. */
  async disconnect({ workspace, user }: Principal, id: string): Promise<void> {
    await this.#ends.askToEnd({ workspace, user, id }, 'disconnected', this.#now());
  }

  /**
   * Renews the lease of a stream of the principal's own.
   * @throws {Refusal} 404 when the stream is gone, asked to end or without a lease.
   */
  async renewLease({ workspace, user }: Principal, id: string): Promise<RenewedLease> {
    const now = this.#now();
    const connection = await this.#connections.find({ workspace, user, id }, now);
    if (connection?.leaseSeconds === undefined) throw noConnection('you have no open stream with a lease');
    const expiresAt = now + connection.leaseSeconds * 1000;
    if (!(await this.#connections.renewLease(connection, expiresAt)))
      throw noConnection('the stream has ended');
    return { lease: connection.leaseSeconds, expiresAt };
  }

  /**
   * Ends a stream for good: the principal's own; or, for an admin, any of the workspace, whose token is revoked then, so
   * that its client cannot come back with it.
   * @throws {Refusal} 404 when there is no such stream, or none that the principal may end.
   */
  async end(principal: Principal, id: string): Promise<void> {
    const { workspace, user, admin } = principal;
    if (await this.#ends.askToEnd({ workspace, user, id }, 'disconnected', this.#now())) return;
    const found = admin ? (await this.list(principal)).find((connection) => connection.id === id) : undefined;
    if (!found) throw noConnection('there is no open stream with this id that you may end');
    // First the token: the client may be back before the stream has ended.
    await this.#revokeTokensOf([found]);
    await this.#ends.endFound(found, 'ended_by_admin', this.#now());
  }

  /**
   * Revokes all rights that a user's tokens have given so far, and ends the user's streams.
   * @returns the time up to which tokens are refused, a leeway for clocks after now; how many streams were asked to end.
   * @throws {Refusal} 403 for others than admins.
   */
  async revoke(principal: Principal, user: string): Promise<{ notBefore: number; connectionsEnded: number }> {
    requireAdmin(principal, 'revoke rights');
    const { workspace } = principal;
    const now = this.#now();
    const cut = cutAt(now, this.#tokenLifeSeconds);
    // First the revocation: a stream that opens now either finds it, or is found below.
    await this.#revocations.revokeBefore({ workspace, user }, cut);
    const open = await this.#openConnections.listOfUser(workspace, user, now);
    // Whatever the clocks of issuer and functions thought when they made or took them: these do not come back.
    await this.#revokeTokensOf(open);
    const ended = await Promise.all(
      open.map((connection) => this.#ends.endFound(connection, 'revoked', now)),
    );
    return { notBefore: cut.notBefore, connectionsEnded: ended.filter(Boolean).length };
  }

  /** Revokes the tokens that opened streams of one user. */
  async #revokeTokensOf(connections: readonly StoredConnection[]): Promise<void> {
    const [first] = connections;
    if (!first) return;
    const now = this.#now();
    const tokens = connections.map(({ token, tokenExpiresAt }) => [token, tokenExpiresAt] as const);
    await this.#revocations.revokeTokens(first, tokens, now, cutAt(now, this.#tokenLifeSeconds));
  }
}

function requireAdmin({ admin }: Principal, what: string): void {
  if (admin) return;
  const message = `only admins may ${what}: ask one, or use a token with the admin claim`;
  throw new Refusal('forbidden', message);
}

function noConnection(what: string): Refusal {
  return new Refusal('connection_not_found', `${what}: open a new one at ${paths.stream}`);
}
