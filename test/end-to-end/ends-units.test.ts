import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { EndFeed } from '../../core/connections/end-feed.ts';
import { EndWatch } from '../../core/session/end-watch.ts';
import type { StoredConnection } from '../../lambdas/shared/dynamodb/connection-item.ts';
import { ConnectionStore } from '../../lambdas/shared/dynamodb/connection-store.ts';
import { reportUnits } from '../../lambdas/shared/dynamodb/consumed-units.ts';
import { StoredEnds } from '../../lambdas/shared/dynamodb/stored-ends.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import { TestStack } from './stack.ts';

/** How long streams are open, milliseconds: enough for several reads of the marker of a drain. */
const openMs = 90_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

/** A process with open streams on a clock of its own, which waits for the database, and what it reads there. */
class Process {
  readonly reads = { index: 0, marker: 0, items: 0 };
  units = 0;
  readonly clock = new VirtualClock(() => this.#idle());
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #client = new DynamoDBClient(stack.local.clientConfiguration);
  readonly #store: ConnectionStore;
  readonly #feed: EndFeed;
  readonly troubles: unknown[] = [];

  constructor() {
    reportUnits(this.#client, ({ readUnits }) => {
      this.units += readUnits;
    });
    const client = DynamoDBDocumentClient.from(this.#client, {
      marshallOptions: { removeUndefinedValues: true },
    });
    const table = stack.local.tables['connections']!;
    this.#store = new ConnectionStore(client, table);
    const ends = new StoredEnds(client, table);
    this.#feed = new EndFeed(
      {
        asked: (...place) => this.#read('index', ends.asked(...place)),
        drain: () => this.#read('marker', ends.drain()),
      },
      this.#ports,
    );
  }

  get #ports(): ConstructorParameters<typeof EndFeed>[1] {
    const trouble = (_: string, error: unknown): void => void this.troubles.push(error);
    return { clock: this.clock, random: () => 0.5, observer: { trouble } };
  }

  /** Keeps so many streams open, of so many workspaces, for `openMs`. */
  async keepOpen(streams: number, workspaces: number): Promise<void> {
    const over = new AbortController();
    for (let stream = 0; stream < streams; stream += 1) void this.#open(stream, workspaces, over.signal);
    // A moment longer, for what falls on the last one.
    await this.clock.sleep(openMs + 1);
    over.abort();
    this.#client.destroy();
  }

  #open(stream: number, workspaces: number, signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const connection = {
      workspace: `units-${stream % workspaces}`,
      user: 'alice',
      id: String(stream),
    } as StoredConnection;
    const ends = { session_length: now + 2 * openMs, deadline: Infinity, token_expired: Infinity };
    const item = {
      follow: (...follower: [Parameters<EndFeed['follow']>[1], AbortSignal]) =>
        this.#feed.follow(connection, ...follower),
      state: () => this.#read('items', this.#store.state(connection)),
      moveDeadline: async () => true,
    };
    return new EndWatch({ connectedAt: now, ends }, { ...this.#ports, connection: item }).watch(signal);
  }

  #read<Found>(what: keyof Process['reads'], found: Promise<Found>): Promise<Found> {
    this.reads[what] += 1;
    this.#underWay.add(found);
    return found.finally(() => this.#underWay.delete(found));
  }

  async #idle(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.allSettled(this.#underWay);
      // Whoever waited for the read goes on before the clock does.
      await nextTurn();
    }
  }
}

/** The table of docs/decisions/0049: streams of a process, in workspaces, and units an hour as they were and as they are. */
function documented(): number[][] {
  const text = readFileSync(
    new URL('../../docs/decisions/0049-ends-are-read-from-an-index.md', import.meta.url),
    'utf8',
  );
  return text
    .split('\n')
    .filter((line) => /^\| +[\d,]+ +\|/.test(line))
    .map((line) => (line.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(',', ''))));
}

const anHour = (count: number): number => (count * 3_600_000) / openMs;

describe('what a process reads in an hour to see what ends its streams', () => {
  const rows = documented();

  it('is documented for one stream and for many, in one workspace and in many', () => {
    const cases = rows.map(([streams, workspaces]) => `${streams} in ${workspaces}`);
    expect(cases).toEqual(['1 in 1', '64 in 1', '64 in 8', '128 in 1', '128 in 8', '128 in 128']);
  });

  it.each(rows)('is for %d streams in %d workspaces so many units', async (streams, workspaces, _, units) => {
    const one = new Process();
    await one.keepOpen(streams, workspaces);

    expect(one.troubles).toEqual([]);
    expect(anHour(one.units)).toBe(units);
    expect(one.reads).toEqual({ index: workspaces * 40, marker: 8, items: 0 });
  });
});
