import type { Revocations } from '../../core/revocation.ts';
import type { Connection } from '../../core/stream/connection.ts';
import type { StoredConnection } from '../../lambdas/aws/connection-store.ts';
import { TokenRefused } from '../../lambdas/aws/verifier.ts';
import type { StreamCount } from '../../lambdas/aws/workspace-count.ts';
import { Admissions } from '../../lambdas/stream/admissions.ts';

const now = 1_700_000_000_000;
const workspace = 'w';

/** A connections table in memory, whose answers take a turn of the event loop. */
class Table {
  readonly open: Connection[] = [];
  readonly ended: string[] = [];
  reads = 0;

  readonly add = async (connection: Connection): Promise<void> => {
    await this.#turn();
    this.open.push(connection);
  };
  readonly listOfUser = async (_: string, user: string): Promise<StoredConnection[]> => {
    await this.#turn();
    return this.open.filter((each) => each.user === user) as StoredConnection[];
  };
  readonly openIds = async (_: string, until: number): Promise<Set<string>> => {
    this.reads += 1;
    await this.#turn();
    const ids = this.open.filter(({ deadline }) => deadline > until).map(({ id }) => id);
    await this.#turn();
    return new Set(ids);
  };
  readonly end = async ({ id }: { readonly id: string }): Promise<boolean> => {
    await this.#turn();
    this.ended.push(id);
    return true;
  };

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** The last count of the workspace's streams, as the table keeps it for all processes. */
class Counts {
  count: StreamCount | undefined;
  readonly read = async (): Promise<StreamCount | undefined> => this.count;
  readonly claim = async (_: string, { at }: StreamCount, time: number): Promise<boolean> => {
    if (this.count?.at !== at) return false;
    this.count = { ...this.count, at: time };
    return true;
  };
  readonly write = async (_: string, count: StreamCount): Promise<void> => {
    this.count = count;
  };
}

function admissionsOf(
  table: Table,
  perWorkspace: number,
  counts = new Counts(),
  revoked: Revocations = { notBefore: undefined, tokens: new Set() },
): (user: string, id: string) => Promise<void> {
  const admissions = new Admissions({
    connections: table,
    counts,
    revocations: { read: () => Promise.resolve(revoked) },
    limits: { perUser: 20, perWorkspace },
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
  return (user, id) =>
    admissions.admit(
      { workspace, user, id, connectedAt: now, deadline: now + 300_000 } as StoredConnection,
      { issuedAt: now } as never,
    );
}

it('never notes a stream whose token is revoked: it would cost the user another one', async () => {
  const table = new Table();
  const revoked = { notBefore: now, tokens: new Set<string>() };
  await expect(admissionsOf(table, 10, new Counts(), revoked)('eve', '1')).rejects.toThrow(TokenRefused);
  expect(table.open).toEqual([]);
});

describe('the number of streams of a workspace', () => {
  it('is not exceeded by many that come at once and have room', async () => {
    const table = new Table();
    const admit = admissionsOf(table, 10);
    await Promise.all(Array.from({ length: 10 }, (_, index) => admit(`user ${index >> 1}`, String(index))));
    expect(table.ended).toEqual([]);
    expect(table.reads).toBe(1);
  });

  it('has room for the next stream of one that is about to end', async () => {
    const table = new Table();
    const admit = admissionsOf(table, 2);
    table.open.push({ workspace, user: 'alice', id: '1', connectedAt: now - 290_000, deadline: now + 5000 });
    await admit('bob', '2');
    await admit('alice', '3');
    expect(table.ended).toEqual([]);
    await expect(admit('carol', '4')).rejects.toMatchObject({ code: 'workspace_limit' });
  });

  it('is not exceeded by clients that come back, however lately the streams before have ended', async () => {
    const table = new Table();
    const admit = admissionsOf(table, 3);
    await admit('alice', 'stays');
    for (const id of ['1', '2', '3', '4']) {
      await admit('alice', id);
      table.open.splice(
        table.open.findIndex((each) => each.id === id),
        1,
      );
    }
    expect(table.ended).toEqual([]);
  });

  it('is kept to by those that come after', async () => {
    const table = new Table();
    const admit = admissionsOf(table, 3);
    for (const id of ['1', '2', '3']) await admit('alice', id);
    await expect(admit('bob', '4')).rejects.toMatchObject({ status: 429, code: 'workspace_limit' });
    expect(table.reads).toBe(1);
    await admit('alice', '5');
    expect(table.ended).toEqual(['1']);
  });

  it('is counted once by a thousand processes that come at once, where there is room', async () => {
    const table = new Table();
    const counts = new Counts();
    await admissionsOf(table, 3000, counts)('first', '0');
    counts.count = { ...counts.count!, at: now - 10_000 };
    const processes = Array.from({ length: 1000 }, () => admissionsOf(table, 3000, counts));
    await Promise.all(processes.map((admit, index) => admit(`user ${index}`, String(index + 1))));
    expect(table.reads).toBe(2);
  });

  it.each([
    ['little room', { streams: 700, at: now }],
    ['an old count', { streams: 0, at: now - 61_000 }],
    ['a count of a clock that is off', { streams: 0, at: now + 61_000 }],
    ['no count', undefined],
  ])('is counted exactly with %s', async (_, count) => {
    const table = new Table();
    table.open.push(
      ...Array.from({ length: 1000 }, (__, index) => ({
        workspace,
        user: 'others',
        id: `old ${index}`,
        connectedAt: now,
        deadline: now + 300_000,
      })),
    );
    const counts = new Counts();
    counts.count = count;
    await expect(admissionsOf(table, 1000, counts)('bob', '1')).rejects.toMatchObject({ status: 429 });
    expect(counts.count).toEqual({ streams: 1001, at: now });
  });
});
