import fc from 'fast-check';
import { pick, World } from './sharing-world.ts';

/** What can happen, with a number that chooses to whom. */
type Act = (world: World, choice: number) => void;

const usual: readonly Act[] = [
  (world) => (world.head += 1),
  (world) => (world.head += 1),
  (world, choice) => pick(world.sessions, choice)?.step(),
  (world, choice) => pick(world.sessions, choice)?.step(),
  (world, choice) => pick(world.sessions, choice)?.step(),
  (world, choice) => world.deliver(choice),
  (world, choice) => world.deliver(choice),
  (world, choice) => world.deliver(choice),
  (world, choice) => world.deliver(choice),
  (world) => world.notify(),
  (world) => world.notify(),
  (world) => world.open.length < 6 && world.addTab(),
];

const trouble: readonly Act[] = [
  (world) => world.open.length > 1 && world.leader?.kill(),
  (world, choice) => world.open.length > 1 && pick(world.open, choice)?.kill(),
  (world, choice) => pick(world.sessions, choice)?.lose(),
  (world, choice) => pick(world.sessions, choice)?.handOver(choice % 4),
  (world, choice) => {
    const tab = pick(world.running, choice);
    if (tab) tab.isFrozen = true;
  },
  (world) => {
    if (world.leader) world.leader.isFrozen = true;
  },
  (world, choice) => pick(world.open, choice)?.thaw(),
  (world, choice) => world.pass([1_000, 6_000, 30_000][choice % 3]!),
  (world, choice) => world.open.length > 1 && pick(world.open, choice)?.pause(),
  (world, choice) => pick(world.paused, choice)?.open(),
];

const acts = fc.array(
  fc.tuple(
    fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 4 }, fc.constantFrom(...trouble)),
    fc.nat(63),
  ),
  { minLength: 20, maxLength: 120 },
);

function play(world: World, story: readonly (readonly [Act, number])[]): void {
  for (let count = 0; count < 3; count += 1) world.addTab();
  for (const [act, choice] of story) act(world, choice);
  world.settle();
}

describe('tabs that share a stream, whatever happens to them and in whatever order,', () => {
  it('are told each event once and in order, without loading again, while somebody keeps what another missed', () => {
    let judged = 0;
    fc.assert(
      fc.property(acts, (story) => {
        const world = new World();
        play(world, story);
        const tabs = world.open;
        expect(tabs.map((tab) => tab.complaint)).toEqual(tabs.map(() => undefined));
        expect(world.open.filter((tab) => tab.session?.canStep)).toEqual([world.leader]);
        expect(tabs.map((tab) => tab.status?.state)).toEqual(tabs.map(() => 'live'));
        if (world.begun > 1 || world.wasLate) return;
        judged += 1;
        expect(tabs.map((tab) => tab.reloads)).toEqual(tabs.map(() => 1));
      }),
      { numRuns: 3_000 },
    );
    expect(judged).toBeGreaterThan(1_000);
  });

  it('load again where the server or the others have forgotten what they missed, and miss nothing then', () => {
    let loadedAgain = 0;
    const forget: Act = (world) => (world.oldest = world.head);
    const forgetful = fc.array(
      fc.oneof(
        acts.map((some) => some.slice(0, 20)),
        fc.constant([[forget, 0] as const]),
      ),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(forgetful, fc.integer({ min: 1, max: 8 }), (parts, kept) => {
        const world = new World({ kept });
        play(world, parts.flat());
        const tabs = world.open;
        expect(tabs.map((tab) => tab.complaint)).toEqual(tabs.map(() => undefined));
        expect(tabs.map((tab) => tab.status?.state)).toEqual(tabs.map(() => 'live'));
        if (tabs.some((tab) => tab.reloads > 1)) loadedAgain += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(loadedAgain).toBeGreaterThan(100);
  });
});
