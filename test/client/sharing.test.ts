import { isMessage } from '../../client/sharing/messages.ts';
import { World } from './sharing-world.ts';

/** A world with so many tabs, all of which have joined. */
function worldOf(count: number, isGood?: (tab: number) => boolean): World {
  const world = new World(isGood ? { isGood } : {});
  for (let index = 0; index < count; index += 1) world.addTab();
  world.settle();
  return world;
}

const states = (world: World): unknown[] => world.open.map(({ status }) => status?.state);

describe('a leader whose token is refused', () => {
  it('lets the next tab try its own, and nobody is told that the stream is denied', () => {
    const world = worldOf(3, (tab) => tab === 2);
    expect(states(world)).toEqual(['live', 'live', 'live']);
    expect(world.leader!.number).toBe(2);
    expect(world.tabs.map(({ refusals }) => refusals)).toEqual([1, 1, 0]);
    expect(world.tabs.flatMap(({ statuses }) => statuses).some(({ state }) => state === 'denied')).toBe(
      false,
    );
  });

  it('is denied with all others when each has tried once, until one of their users wants it again', () => {
    let isGood = false;
    const world = worldOf(3, (tab) => isGood && tab === 1);
    expect(states(world)).toEqual(['denied', 'denied', 'denied']);
    expect(world.tabs.map(({ refusals }) => refusals)).toEqual([1, 1, 1]);
    isGood = true;
    world.tabs[2]!.open();
    world.settle();
    expect(states(world)).toEqual(['live', 'live', 'live']);
    expect(world.leader!.number).toBe(1);
  });

  it('is not tried again by whoever takes its place when it closes', () => {
    const world = worldOf(2, () => false);
    world.leader!.kill();
    world.settle();
    expect(states(world)).toEqual(['denied']);
    expect(world.tabs.map(({ refusals }) => refusals)).toEqual([1, 1]);
  });
});

describe('a stream that the server ends for good', () => {
  it('is over for all, and nobody opens another: it would end one more of the user elsewhere', () => {
    const world = worldOf(3);
    const first = world.leader!;
    first.session!.end('connection_limit');
    world.settle();
    expect(states(world)).toEqual(['denied', 'denied', 'denied']);
    expect(world.leader!.number).toBe(first.number);
    first.kill();
    world.settle();
    expect(states(world)).toEqual(['denied', 'denied']);
    world.open[1]!.open();
    world.settle();
    expect(states(world)).toEqual(['live', 'live']);
  });
});

describe('a tab that follows', () => {
  it('is live only while its leader answers, and takes its place when it does not', () => {
    const world = worldOf(2);
    const [leader, follower] = world.tabs;
    leader!.isFrozen = true;
    world.pass(21_000);
    expect(follower!.status).toEqual({ state: 'live' });
    world.pass(6_000);
    expect(follower!.status?.state).toBe('recovering');
    world.settle();
    expect(states(world)).toEqual(['live', 'live']);
    expect(world.leader!.number).toBe(follower!.number);
    expect(leader!.session!.canStep).toBe(false);
  });

  it('takes the place of a leader that answers, and whose stream is silent all the same', () => {
    const world = worldOf(2);
    const [leader, follower] = world.tabs;
    for (let round = 0; round < 10 && world.leader === leader; round += 1) {
      world.pass(6_000);
      while (world.deliver(0)) expect(world.tabs).toHaveLength(2);
    }
    world.notify();
    expect(world.leader!.number).toBe(follower!.number);
    expect(leader!.session!.canStep).toBe(false);
  });

  it('stays what it is while its leader answers that there is no network', () => {
    const world = worldOf(2);
    const leader = world.leader!;
    leader.session!.lose();
    for (let round = 0; round < 30; round += 1) {
      world.pass(6_000);
      while (world.deliver(0)) expect(world.leader!.number).toBe(leader.number);
    }
    expect(states(world)).toEqual(['recovering', 'recovering']);
    expect(world.leader!.number).toBe(leader.number);
  });
});

describe('a message on the channel', () => {
  const entry = { term: 1, item: { name: 'ping', id: 'c1', data: '{}' } };
  const news = {
    from: 1,
    term: 1,
    status: { state: 'live' },
    at: 0,
    entries: [entry, { term: 1, item: 'resync' }],
  };
  const answer = { to: 1, question: 1, term: 1, cursor: '', isReset: false, awareness: [entry.item] };
  const question = { from: 1, term: 1, question: 1, first: 0, terms: [0], wanted: false };

  it.each([news, { ...news, answer }, question])(
    'is taken when it has a form that tabs send: %j',
    (message) => {
      expect(isMessage(message)).toBe(true);
    },
  );

  it.each([
    undefined,
    null,
    'text',
    {},
    { ...news, term: '1' },
    { ...news, at: undefined },
    { ...news, status: null },
    { ...news, entries: [{ term: 1, item: { name: 'ping', id: 1, data: '{}' } }] },
    { ...news, entries: [null] },
    { ...news, answer: null },
    { ...news, answer: { ...answer, awareness: ['text'] } },
    { ...question, terms: ['0'] },
    { ...question, first: undefined },
  ])('is left alone when it has not: %j', (message) => {
    expect(isMessage(message)).toBe(false);
  });
});
