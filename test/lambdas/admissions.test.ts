import type { Revocations } from '../../core/connections/revocation.ts';
import type { Questions } from '../../core/connections/questions.ts';
import type { StoredConnection, UserRange } from '../../lambdas/shared/dynamodb/connection-item.ts';
import type { StreamLimit } from '../../lambdas/shared/admission/stream-limit.ts';
import { TokenRefused } from '../../core/identity/token.ts';
import { Admissions } from '../../lambdas/shared/admission/admissions.ts';
import type { Room } from '../../lambdas/shared/admission/workspace-room.ts';

const now = 1_700_000_000_000;
const workspace = 'w';

/** A connections table in memory, whose answers take a turn of the event loop; it counts what it is asked. */
class Table {
  items: StoredConnection[] = [];
  questions: Questions | undefined;
  reads = 0;
  writes = 0;

  readonly add = async (connection: StoredConnection): Promise<void> => {
    await this.#turn('writes');
    this.items.push(connection);
  };
  readonly readUser = async (_: string, user: string, most: number): Promise<UserRange> => {
    await this.#turn('reads');
    const connections = this.items.filter((each) => each.user === user).slice(0, most);
    return { connections: connections.map((each) => ({ ...each })), questions: this.questions };
  };
  readonly countQuestions = async (_: string, __: string, window: Questions, more: number): Promise<void> => {
    await this.#turn('writes');
    this.questions = { ...window, asked: (this.questions?.asked ?? 0) + more };
  };
  readonly askToEnd = async (
    { id }: { readonly id: string },
    ended: string,
    at: number,
  ): Promise<boolean> => {
    await this.#turn('writes');
    const index = this.items.findIndex((each) => each.id === id);
    const item = this.items[index];
    if (!item || item.ended !== undefined) return false;
    this.items[index] = { ...item, ended: ended as 'liveness_check', endedAt: at };
    return true;
  };

  /** The ids of those that were asked to end, for a reason. */
  ended(reason: string): string[] {
    return this.items.filter(({ ended }) => ended === reason).map(({ id }) => id);
  }

  async #turn(kind: 'reads' | 'writes'): Promise<void> {
    this[kind] += 1;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const nothingRevoked: Revocations = { notBefore: undefined, tokens: new Set() };

function admissionsOf(
  table: Table,
  { found = 'free', revoked = nothingRevoked }: { found?: Room; revoked?: Revocations } = {},
): (id: string, at?: number, more?: Partial<StoredConnection>) => Promise<StreamLimit | undefined> {
  let time = now;
  const admissions = new Admissions({
    connections: table,
    ends: table,
    openConnections: table,
    room: { read: async () => undefined, look: async () => found },
    revocations: { read: () => Promise.resolve(revoked) },
    limits: { perUser: 20 },
    clock: { now: () => time, sleep: () => Promise.resolve() },
    random: Math.random,
  });
  return (id, at = now, more = {}) => {
    time = at;
    const connection = { workspace, user: 'alice', id, connectedAt: at, deadline: at + 300_000, ...more };
    return admissions.admit(connection as StoredConnection, { issuedAt: now } as never);
  };
}

it('never notes a stream whose token is revoked: it would cost the user another one', async () => {
  const table = new Table();
  const revoked = { notBefore: now, tokens: new Set<string>() };
  await expect(admissionsOf(table, { revoked })('1')).rejects.toThrow(TokenRefused);
  expect(table.items).toEqual([]);
});

describe('the streams of a user', () => {
  it.each([40, 80])(
    'cost the same for each of %i that open at once, whatever the others do',
    async (many) => {
      const table = new Table();
      const admit = admissionsOf(table);
      const limits = await Promise.all(
        Array.from({ length: many }, (_, index) => admit(`id${String(index).padStart(2, '0')}`)),
      );
      // Its item, what it asks and ends, and that it did.
      expect(table.writes).toBeLessThanOrEqual(4 * many);
      expect(table.reads).toBe(many);
      expect(limits.filter((limit) => limit === undefined)).toHaveLength(30);
      expect(table.ended('liveness_check').length).toBeGreaterThanOrEqual(10);
      expect(table.ended('connection_limit')).toEqual([]);
    },
  );

  it('are asked, not ended, for one more, and it is counted that they were', async () => {
    const table = new Table();
    const admit = admissionsOf(table);
    for (let index = 0; index < 21; index += 1) await admit(`id${index}`, now + index);
    expect(table.ended('liveness_check')).toEqual(['id0']);
    expect(table.questions).toMatchObject({ asked: 1 });
  });

  it('are left alone when they were asked too often; who comes is told when to try again', async () => {
    const table = new Table();
    const admit = admissionsOf(table);
    for (let index = 0; index < 20; index += 1) await admit(`id${index}`, now + index);
    table.questions = { since: now - 570_000, windowMs: 600_000, asked: 60 };
    await expect(admit('more', now + 1000)).resolves.toEqual({ reason: 'user_limit', retryAfterSeconds: 29 });
    table.items.pop();
    table.questions = { ...table.questions, windowMs: 6_000_000 };
    await expect(admit('again', now + 2000)).resolves.toMatchObject({ retryAfterSeconds: 300 });
    expect(table.ended('liveness_check')).toEqual([]);
  });

  it('are not more for those that leave as soon as they have come: what was asked to end counts until it has', async () => {
    const table = new Table();
    const admit = admissionsOf(table);
    const refused: string[] = [];
    for (let index = 0; index < 47; index += 1) {
      const id = `id${index}`;
      const limit = await admit(id, now + index * 10);
      if (limit !== undefined) {
        table.items.pop();
        refused.push(limit.reason);
      }
      await table.askToEnd({ id }, 'disconnected', now + index * 10);
    }
    expect(table.items).toHaveLength(30);
    expect(new Set(refused)).toEqual(new Set(['user_limit']));
  });

  it('are told of a full workspace without being ended', async () => {
    const table = new Table();
    await expect(admissionsOf(table, { found: 'full' })('1')).resolves.toMatchObject({
      reason: 'workspace_limit',
    });
    table.items = [];
    await admissionsOf(table)('1', now - 1000);
    const refused = { reason: 'workspace_limit' };
    await expect(admissionsOf(table, { found: 'unsure' })('2')).resolves.toMatchObject(refused);
    expect(table.ended('liveness_check')).toEqual([]);
    await admissionsOf(table, { found: 'full' })('3');
    expect(table.ended('liveness_check')).toEqual(['1']);
  });
});
