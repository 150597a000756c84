import type { StreamCount } from '../../lambdas/shared/dynamodb/workspace-count.ts';
import { WorkspaceRoom } from '../../lambdas/shared/admission/workspace-room.ts';

const now = 1_700_000_000_000;
const workspace = 'w';

/** The streams of a workspace and their count, in a table whose answers take a turn of the event loop. */
class Table {
  open = 0;
  counts = 0;
  requests = 0;
  time = now;
  count: StreamCount | undefined;

  readonly clock = {
    now: (): number => this.time,
    sleep: async (milliseconds: number): Promise<void> => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      this.time += milliseconds;
    },
  };
  readonly countRunning = async (): Promise<number> => {
    this.counts += 1;
    await this.#turn();
    const { open } = this;
    await this.#turn();
    return open;
  };
  readonly read = async (): Promise<StreamCount | undefined> => {
    await this.#turn();
    return this.count;
  };
  readonly take = async (): Promise<StreamCount | undefined> => {
    await this.#turn();
    if (this.count) this.count = { ...this.count, taken: this.count.taken + 1 };
    return this.count;
  };
  readonly claim = async (
    _: string,
    at: number | undefined,
    time: number,
  ): Promise<StreamCount | undefined> => {
    await this.#turn();
    if (this.count?.at !== at) return undefined;
    this.count = { streams: 0, taken: 0, ...this.count, at: time };
    return this.count;
  };
  readonly write = async (_: string, streams: number, claimed: StreamCount): Promise<void> => {
    await this.#turn();
    this.count = { ...this.count!, streams, taken: this.count!.taken - claimed.taken };
  };

  async #turn(): Promise<void> {
    this.requests += 1;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** One process after another opens a stream, or is refused; whether it was refused. */
function comingTo(table: Table, perWorkspace: number): () => Promise<boolean> {
  return async () => {
    const room = new WorkspaceRoom({
      openConnections: table,
      counts: table,
      perWorkspace,
      clock: table.clock,
    });
    table.open += 1;
    const isFull = (await room.look(workspace, await room.read(workspace))) !== 'free';
    if (isFull) table.open -= 1;
    return isFull;
  };
}

describe('the room of a workspace', () => {
  it('is enough for as many as may be, and for no more', async () => {
    const table = new Table();
    const come = comingTo(table, 3);
    const refused: boolean[] = [];
    for (let count = 0; count < 5; count += 1) refused.push(await come());
    expect(refused).toEqual([false, false, false, true, true]);
    table.open -= 1;
    table.time += 250;
    expect([await come(), await come()]).toEqual([false, true]);
  });

  it('is not exceeded by many that come at once, but for those that came while somebody counted', async () => {
    const table = new Table();
    const come = comingTo(table, 10);
    const refused = await Promise.all(Array.from({ length: 40 }, come));
    expect(refused.filter((isRefused) => !isRefused).length).toBeLessThanOrEqual(10);
    table.time += 3000;
    const later = await Promise.all(Array.from({ length: 40 }, come));
    expect(later.filter((isRefused) => !isRefused).length + table.open).toBeLessThanOrEqual(20);
    expect(table.open).toBeLessThanOrEqual(10);
  });

  it('is counted once for a thousand processes that come at once, where there is plenty', async () => {
    const table = new Table();
    table.count = { streams: 0, taken: 0, at: now - 10_000 };
    const refused = await Promise.all(Array.from({ length: 1000 }, comingTo(table, 3000)));
    expect(refused).not.toContain(true);
    expect(table.counts).toBe(1);
    // Each reads the count, and tries to be the one that counts.
    expect(table.requests).toBeLessThanOrEqual(2 * 1000 + 3);
  });

  it('is counted a few times a second, and not once for each, also for those that are refused', async () => {
    const table = new Table();
    table.open = 1000;
    table.count = { streams: 1000, taken: 0, at: now - 10_000 };
    const refused = await Promise.all(Array.from({ length: 200 }, comingTo(table, 1000)));
    expect(refused).not.toContain(false);
    expect(table.counts).toBeLessThanOrEqual(1 + (table.time - now) / 250);
    // A read, a claim and a place each; and a claim and a read for each of six looks.
    expect(table.requests).toBeLessThanOrEqual(15 * 200);
  });

  it.each([
    ['an old count', { streams: 0, taken: 0, at: now - 61_000 }],
    ['a count of a clock that is off', { streams: 0, taken: 0, at: now + 61_000 }],
    ['no count', undefined],
  ])('is counted with %s', async (_, count) => {
    const table = new Table();
    table.open = 1000;
    table.count = count;
    expect(await comingTo(table, 1000)()).toBe(true);
    expect(table.count).toEqual({ streams: 1001, taken: 0, at: now });
  });
});
