import type { Drain } from '../../core/connections/drain.ts';
import type { ConnectionEnd, EndNews, EndSource } from '../../core/connections/end-feed.ts';
import { EndFeed } from '../../core/connections/end-feed.ts';
import { VirtualClock } from './virtual-clock.ts';

const drainBefore = (before: number): Drain => ({ before, spreadMs: 12_000 });

/** A process with streams in workspaces, the table that it reads, and what the streams have heard. */
class World {
  readonly clock = new VirtualClock();
  readonly begin = this.clock.now();
  readonly troubles: unknown[] = [];
  readonly reads: { workspace: string; at: number; since: number }[] = [];
  readonly drainReads: number[] = [];
  asked: EndSource['asked'] = async () => [];
  drain: EndSource['drain'] = async () => undefined;
  readonly #over = new AbortController();
  readonly #feed = new EndFeed(
    {
      asked: (workspace, since) => {
        this.reads.push({ workspace, at: this.after, since: since - this.begin });
        return this.asked(workspace, since);
      },
      drain: () => {
        this.drainReads.push(this.after);
        return this.drain();
      },
    },
    {
      clock: this.clock,
      random: () => 0.5,
      observer: { trouble: (_, error) => this.troubles.push(error) },
    },
  );

  get after(): number {
    return this.clock.now() - this.begin;
  }

  /** Opens a stream. @returns what it hears, and what ends it */
  open(id: string, workspace = 'acme'): { news: EndNews[]; close: () => void } {
    const news: EndNews[] = [];
    const over = new AbortController();
    this.#over.signal.addEventListener('abort', () => over.abort());
    this.#feed.follow({ workspace, user: 'alice', id }, (heard) => news.push(heard), over.signal);
    return { news, close: () => over.abort() };
  }

  close(): void {
    this.#over.abort();
  }
}

const end = (id: string, at = 0): ConnectionEnd => ({ id, reason: 'revoked', at });

describe('what ends the streams of a process', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.close());

  it('is one read for all streams of a workspace', async () => {
    for (let id = 0; id < 250; id += 1) world.open(String(id), id % 2 === 0 ? 'acme' : 'other');
    await world.clock.sleep(10_000);

    const of = (workspace: string): number[] =>
      world.reads.filter((read) => read.workspace === workspace).map(({ at }) => at);
    expect(of('acme')).toEqual([2250, 4500, 6750, 9000]);
    expect(of('other')).toEqual([2250, 4500, 6750, 9000]);
  });

  it('is told to the stream that it is for, and to none of another id', async () => {
    const [first, second] = [world.open('1'), world.open('2')];
    world.asked = async () => [end('2', 77), end('3')];
    await world.clock.sleep(3000);

    expect(first.news).toEqual([{ asked: undefined, drain: undefined }]);
    expect(second.news).toEqual([{ asked: end('2', 77), drain: undefined }]);
  });

  it('is told to a stream that began to follow long after it was asked, and late where the index is', async () => {
    world.asked = async (_, since) => [end('late', world.begin)].filter(({ at }) => at >= since);
    world.open('other');
    await world.clock.sleep(60_000);
    const late = world.open('late');
    await world.clock.sleep(3000);

    expect(late.news.map(({ asked }) => asked)).toMatchObject([{ reason: 'revoked' }]);
    expect(world.reads.every(({ at, since }) => since < at - 900_000)).toBe(true);
  });

  it('is not read when no stream is left, and is again for the next', async () => {
    const { close } = world.open('1');
    await world.clock.sleep(3000);
    close();
    await world.clock.sleep(60_000);
    expect(world.reads).toHaveLength(1);

    world.open('2');
    await world.clock.sleep(3000);
    expect(world.reads).toHaveLength(2);
  });

  it('ends nothing where it cannot be read, and is read again', async () => {
    const { news } = world.open('1');
    let failures = 2;
    world.asked = () => {
      failures -= 1;
      if (failures === 1) return Promise.reject(new Error('throttled'));
      return failures === 0 ? new Promise(() => undefined) : Promise.resolve([end('1')]);
    };
    await world.clock.sleep(9000);

    expect(news.map(({ asked }) => asked)).toEqual([undefined, undefined, end('1')]);
    expect(world.troubles).toHaveLength(1);
  });

  it('says what the trouble was also where nobody waited for it any more', async () => {
    world.open('1');
    world.asked = async () => {
      await world.clock.sleep(5000);
      throw new Error('throttled');
    };
    await world.clock.sleep(8000);

    expect(world.troubles).toHaveLength(1);
  });

  it('is looked for in the items where there is no index to read yet', async () => {
    world.asked = async () => 'no index';
    const { news } = world.open('1');
    await world.clock.sleep(3000);

    expect(news).toEqual([{ asked: 'unknown', drain: undefined }]);
  });

  it('is a drain too, whose marker is read every 10 s for all streams, and again after it could not', async () => {
    const answers = [
      Promise.reject(new Error('throttled')),
      Promise.resolve(drainBefore(7)),
      Promise.resolve(drainBefore(9)),
    ];
    world.drain = () => answers.shift() ?? Promise.resolve(drainBefore(9));
    const [{ news }] = [world.open('1'), world.open('2')];
    await world.clock.sleep(16_000);

    expect(world.drainReads).toEqual([2250, 4500, 15_750]);
    expect([...new Set(news.map(({ drain }) => drain?.before))]).toEqual([undefined, 7, 9]);

    world.open('3', 'other');
    await world.clock.sleep(9000);
    expect(world.drainReads).toHaveLength(3);
  });

  it('is a drain of all workspaces as soon as the marker is read', async () => {
    world.drain = async () => {
      await world.clock.sleep(1500);
      return drainBefore(7);
    };
    const { news } = world.open('1');
    await world.clock.sleep(2000);
    const other = world.open('2', 'other');
    await world.clock.sleep(1800);

    expect(news.at(-1)?.drain?.before).toBe(7);
    expect(other.news).toEqual([{ asked: undefined, drain: drainBefore(7) }]);
  });

  it('asks for a marker that cannot be read no more often than one workspace would', async () => {
    world.drain = () => Promise.reject(new Error('throttled'));
    for (let id = 0; id < 128; id += 1) {
      world.open(String(id), `workspace-${id}`);
      await world.clock.sleep(20);
    }
    await world.clock.sleep(60_000);

    expect(world.drainReads.length).toBeGreaterThan(20);
    expect(world.drainReads.length).toBeLessThan(35);
  });

  it('waits for no marker: what it knew last is good until there is an answer', async () => {
    const late = Promise.withResolvers<Drain>();
    const answers = [Promise.resolve(drainBefore(7)), late.promise];
    world.drain = () => answers.shift()!;
    const { news } = world.open('1');
    await world.clock.sleep(14_000);
    late.resolve(drainBefore(9));
    await world.clock.sleep(2500);

    expect(new Set(news.slice(0, -2).map(({ drain }) => drain?.before))).toEqual(new Set([7]));
    expect(news.at(-1)?.drain?.before).toBe(9);
  });
});
