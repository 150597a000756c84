import type { Segment } from '../../core/log/segment.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import { PageReader } from '../../core/log/page-reader.ts';
import type { Subscriber } from '../../core/push/socket.ts';
import { Delivery } from '../../lambdas/shared/web-socket/delivery.ts';
import type { NewSegments } from '../../lambdas/push/new-segments.ts';
import { readNewSegments } from '../../lambdas/push/new-segments.ts';
import { Pusher } from '../../lambdas/push/pusher.ts';
import type { PushOrder } from '../../lambdas/shared/push/push-function.ts';
import { appendBatch } from '../../core/log/append.ts';
import { MemoryLog, sampleLog } from '../core/memory-log.ts';
import { silentObserver } from '../core/open-session.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import { created, newSegments, readMessage, segment, subscriber } from './push-samples.ts';

const order: PushOrder = { workspace: 'acme', log: sampleLog.log, first: 9, last: 10 };

/** What happens to messages: their socket, and the task that each tells of. */
type Sent = readonly [socket: string, task: number];

class World {
  readonly clock = new VirtualClock();
  readonly sent: Sent[] = [];
  readonly texts: string[] = [];
  readonly orders: PushOrder[] = [];
  readonly ended: unknown[][] = [];
  readonly forgotten: string[] = [];
  readonly troubles: unknown[][] = [];
  readonly pushed: unknown[][] = [];
  /** How old what was told was, milliseconds. */
  readonly ages: unknown[] = [];
  subscribers: readonly Subscriber[] = [];
  segments: readonly Segment[] = [segment(9, created(1), created(2)), segment(10, created(3))];
  earlier: readonly Segment[] = [];
  send: (socket: string) => Promise<boolean> = () => Promise.resolve(true);
  orderNext = (): Promise<void> => Promise.resolve();
  read = (): Promise<NewSegments | undefined> => Promise.resolve(newSegments(this.segments, this.earlier));
  underWay = 0;
  mostUnderWay = 0;

  readonly pusher = new Pusher({
    subscribers: {
      page: (_, after, most) => {
        const begin =
          after === undefined ? 0 : this.subscribers.findIndex(({ socket }) => socket === after) + 1;
        const subscribers = this.subscribers.slice(begin, begin + most);
        const next = subscribers.length === most ? subscribers.at(-1)!.socket : undefined;
        return Promise.resolve({ subscribers, next });
      },
    },
    read: () => this.read(),
    self: {
      order: (given) => {
        this.orders.push(given);
        return this.orderNext();
      },
    },
    delivery: new Delivery({
      clock: this.clock,
      random: () => 0.5,
      sockets: {
        send: async (socket, text) => {
          this.underWay += 1;
          this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
          await Promise.resolve();
          const outcome = await this.send(socket).finally(() => (this.underWay -= 1));
          if (outcome) {
            this.sent.push([socket, readMessage(text).task]);
            this.texts.push(text);
          }
          return outcome;
        },
      },
    }),
    ends: {
      end: ({ socket }, reason) => {
        this.ended.push([socket, reason]);
        return Promise.resolve();
      },
      forget: ({ socket }) => {
        this.forgotten.push(socket);
        return Promise.resolve();
      },
    },
    clock: this.clock,
    observer: {
      ...silentObserver,
      pushed: (workspace, count) => this.pushed.push([workspace, count]),
      told: (ageMs) => this.ages.push(ageMs),
      trouble: (what, error, details) => this.troubles.push([what, error, details]),
    },
  });

  /** The tasks that a socket was told of, in their order. */
  told(socket: string): number[] {
    return this.sent.filter(([to]) => to === socket).map(([, task]) => task);
  }
}

const many = (count: number): Subscriber[] =>
  Array.from({ length: count }, (_, index) => subscriber(`u${String(index).padStart(4, '0')}`));

describe('pushing new segments', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('tells each subscriber what it may see and wants, in order, as frames of its subscription', async () => {
    world.segments = [
      segment(9, created(1), created(2, { visibility: 'private', created_by: 'bob' })),
      segment(10, created(3, { status: 'done' })),
    ];
    world.subscribers = [
      subscriber('ana'),
      subscriber('bob', { subscription: { name: undefined, filter: { status: 'inbox' } } }),
    ];
    await world.pusher.push(order);

    expect(world.told('ana')).toEqual([1, 3]);
    expect(world.told('bob')).toEqual([1, 2]);
    const frames = world.texts.map((text) => JSON.parse(text) as Record<string, unknown>);
    const seal = new CursorSeal(sampleLog, subscriber('ana').principal);
    expect(frames.find(({ subscription }) => subscription === '1')).toEqual({
      subscription: '1',
      id: seal.seal({ log: sampleLog.log, segment: 9, change: 1, frame: 0 }),
      event: 'message',
      log: expect.stringMatching(/^[0-9a-f]{16}$/),
      place: [9, 1, 0],
      after: [9, 0, 0],
      data: expect.objectContaining({ type: 'task.created', taskId: 1 }),
    });
    expect(frames.filter((frame) => !('subscription' in frame))).toHaveLength(2);
    expect(world.troubles).toEqual([]);
    expect(world.pushed).toEqual([['acme', 2]]);
    expect(world.ages).toHaveLength(4);
  });

  it('reaches back over segments that told a subscriber nothing', async () => {
    const hidden = { visibility: 'private', created_by: 'bob' } as const;
    world.earlier = [segment(7, created(4)), segment(8, created(5, hidden))];
    world.subscribers = [subscriber('ana'), subscriber('bob')];
    await world.pusher.push(order);

    const first = (socket: string): string => world.texts[world.sent.findIndex(([to]) => to === socket)]!;
    expect(readMessage(first('ana')).after).toEqual([8, 0, 0]);
    expect(readMessage(first('bob')).after).toEqual([9, 0, 0]);
  });

  it('sends nothing to whom they tell nothing', async () => {
    world.subscribers = [subscriber('ana', { subscription: { name: '1', filter: { tasks: '99' } } })];
    await world.pusher.push(order);
    expect([world.sent, world.troubles]).toEqual([[], []]);
  });

  it('pushes to many at a time, to each one frame after another', async () => {
    world.subscribers = many(90);
    const busy = new Set<string>();
    world.send = async (socket) => {
      expect(busy.has(socket)).toBe(false);
      busy.add(socket);
      await world.clock.sleep(10);
      busy.delete(socket);
      return true;
    };
    await world.pusher.push(order);
    expect(world.mostUnderWay).toBe(25);
    for (const { socket } of world.subscribers) expect(world.told(socket)).toEqual([1, 2, 3]);
  });

  it('orders the next page before it pushes, and each subscriber is in one page', async () => {
    world.subscribers = many(250);
    let sentBefore: number | undefined;
    world.orderNext = () => {
      sentBefore ??= world.sent.length;
      return Promise.resolve();
    };
    await world.pusher.push(order);
    expect(sentBefore).toBe(0);
    expect(world.orders).toEqual([{ ...order, after: 'u0099' }]);
    await world.pusher.push(world.orders[0]!);
    expect(world.orders[1]).toEqual({ ...order, after: 'u0199' });
    await world.pusher.push(world.orders[1]!);
    expect(world.orders).toHaveLength(2);
    for (const { socket } of world.subscribers) expect(world.told(socket)).toEqual([1, 2, 3]);
  });

  it('pushes to its own page where the next one cannot be ordered', async () => {
    world.subscribers = many(101);
    world.orderNext = () => Promise.reject(new Error('no right'));
    await world.pusher.push(order);
    expect(world.sent).toHaveLength(300);
    expect(world.troubles).toEqual([
      ['the other subscribers are not pushed to', new Error('no right'), order],
    ]);
  });

  it('never orders a page that is not behind its own', async () => {
    world.subscribers = many(101);
    await world.pusher.push({ ...order, after: 'u9999' });
    expect(world.orders).toEqual([]);
  });

  it('forgets a subscriber whose connection is gone', async () => {
    world.subscribers = [subscriber('ana'), subscriber('bob')];
    world.send = (socket) => Promise.resolve(socket !== 'ana');
    await world.pusher.push(order);
    expect(world.forgotten).toEqual(['ana']);
    expect([world.told('ana'), world.told('bob')]).toEqual([[], [1, 2, 3]]);
    expect(world.troubles).toEqual([]);
  });

  it('ends a subscriber whose token has expired, and tells it nothing', async () => {
    const now = world.clock.now();
    world.subscribers = [subscriber('ana', { expiresAt: now }), subscriber('bob', { expiresAt: now + 1 })];
    await world.pusher.push(order);
    expect(world.ended).toEqual([['ana', 'token_expired']]);
    expect(world.sent.map(([socket]) => socket)).toEqual(['bob', 'bob', 'bob']);
  });

  it('lets nobody wait for those that are slow, and says once how many it gave up', async () => {
    world.subscribers = many(100);
    const begin = world.clock.now();
    const doneAt = new Map<string, number>();
    const slow = Object.assign(new Error('slow'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
    // 24 of the 25 places are taken by whoever does not answer: the last one serves all the others.
    const isSlow = (socket: string): boolean => Number(socket.slice(1)) < 24;
    world.send = async (socket) => {
      await world.clock.sleep(isSlow(socket) ? 3000 : 1);
      if (isSlow(socket)) throw slow;
      doneAt.set(socket, world.clock.now() - begin);
      return true;
    };
    await world.pusher.push(order);
    expect(doneAt.size).toBe(76);
    expect(Math.max(...doneAt.values())).toBeLessThan(3000);
    expect(world.sent).toHaveLength(3 * 76);
    expect(world.troubles).toEqual([['pushes were given up', slow, { givenUp: 24 }]]);
  });

  it('gives up a subscriber with a filter of a newer version, and no other', async () => {
    world.subscribers = [
      subscriber('ana', { subscription: { name: '1', filter: { events: 'task.exploded' } } }),
      subscriber('bob'),
    ];
    await world.pusher.push(order);
    expect(world.told('bob')).toEqual([1, 2, 3]);
    expect(world.troubles).toEqual([
      ['pushes were given up', expect.objectContaining({ name: 'Refusal' }), { givenUp: 1 }],
    ]);
  });

  it('ends in its time, however many do not answer', async () => {
    world.subscribers = many(100);
    const begin = world.clock.now();
    world.send = async () => {
      await world.clock.sleep(2900);
      return true;
    };
    world.segments = Array.from({ length: 10 }, (_, index) => segment(9 + index, created(index + 1)));
    await world.pusher.push(order);
    expect(world.clock.now() - begin).toBeLessThan(25_000);
    expect(world.troubles).toEqual([
      ['pushes were given up', expect.objectContaining({ name: 'PushGivenUp' }), { givenUp: 100 }],
    ]);
  });

  it('ends when the next page is ordered, though its own cannot be pushed', async () => {
    world.subscribers = many(101);
    world.read = () => Promise.reject(new Error('no table'));
    let isOrdered = false;
    world.orderNext = async () => {
      await world.clock.sleep(100);
      isOrdered = true;
    };
    await world.pusher.push(order);
    expect(isOrdered).toBe(true);
    expect(world.troubles).toEqual([['an order cannot be pushed', new Error('no table'), order]]);
  });

  it('never rejects', async () => {
    world.subscribers = many(1);
    world.read = () => Promise.reject(new Error('no table'));
    await world.pusher.push(order);
    expect(world.troubles).toEqual([['an order cannot be pushed', new Error('no table'), order]]);
  });
});

describe('the segments of an order', () => {
  const clock = new VirtualClock();
  let log: MemoryLog;
  let reader: PageReader;
  beforeEach(async () => {
    log = new MemoryLog();
    reader = new PageReader(log, clock, 1_000_000);
    for (let source = 1; source <= 12; source += 1) {
      const change = { ...created(source), at: clock.now() };
      const options = { now: () => clock.now(), newLog: () => sampleLog, historySeconds: 86_400 };
      await appendBatch(log, { workspace: 'acme', stream: 's', changes: [change] }, options);
    }
    log.reads = 0;
  });

  const read = (first: number, last: number, logName = sampleLog.log): Promise<unknown> =>
    readNewSegments(
      { workspace: 'acme', log: logName, first, last },
      { readHead: (workspace) => log.readHead(workspace), reader },
    ).then(
      (found) =>
        found && [
          found.earlier.map((each) => each.segment),
          found.fresh.map((each) => each.segment),
          found.identity.key,
        ],
    );

  it('come with the eight before them', async () => {
    expect(await read(11, 12)).toEqual([[3, 4, 5, 6, 7, 8, 9, 10], [11, 12], sampleLog.key]);
    expect(await read(2, 2)).toEqual([[1], [2], sampleLog.key]);
    expect(await read(1, 1)).toEqual([[], [1], sampleLog.key]);
  });

  it('are read though not all copies of the table have them yet', async () => {
    log.lag = 2;
    expect(await read(11, 12)).toEqual([[3, 4, 5, 6, 7, 8, 9, 10], [11, 12], sampleLog.key]);
  });

  it('are remembered, so that the next order costs the head and what is new', async () => {
    log.pageSize = 20;
    await read(11, 11);
    log.reads = 0;
    await read(12, 12);
    expect(log.reads).toBe(2);
    log.reads = 0;
    await read(12, 12);
    expect(log.reads).toBe(1);
  });

  it('come alone where those before them have expired', async () => {
    log.drop('acme', 10);
    expect(await read(11, 12)).toEqual([[], [11, 12], sampleLog.key]);
  });

  it('are none where they have expired, or the log is another one, or none, or has no key', async () => {
    log.drop('acme', 11);
    expect(await read(11, 12)).toBeUndefined();
    expect(await read(12, 12, '0123456789abcdef')).toBeUndefined();
    log.forgetKey('acme');
    expect(await read(12, 12)).toBeUndefined();
    log.drop('acme');
    expect(await read(12, 12)).toBeUndefined();
  });
});
