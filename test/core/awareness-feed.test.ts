import type { AwarenessEntry } from '../../core/awareness/entries.ts';
import type { NamedEntry } from '../../core/awareness/feed.ts';
import { AwarenessFeed, feedOverlapMs, feedPollMs } from '../../core/awareness/feed.ts';
import { silentObserver } from './open-session.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A feed of a table whose entries a test adds, and what was asked of it. */
function feedOf() {
  const clock = new VirtualClock();
  const entries: NamedEntry[] = [];
  const polls: { workspace: string; at: number; from: number }[] = [];
  const trouble: string[] = [];
  let fails = false;
  const feed = new AwarenessFeed(
    {
      since: async (workspace, from) => {
        if (fails) throw new Error('throttled');
        polls.push({ workspace, at: clock.now(), from });
        return entries.filter(({ entry }) => entry.at >= from);
      },
    },
    { clock, random: () => 0.5, observer: { ...silentObserver, trouble: (what) => trouble.push(what) } },
  );
  /** Says that a user is there, as of a time. */
  const say = (user: string, at = clock.now()): void => {
    const entry: AwarenessEntry = { kind: 'presence', user, revision: at, tasks: [], at };
    entries.push({ name: `${at}#${entries.length}`, entry });
  };
  /** Collects whom one listener hears of. */
  const listen = (signal: AbortSignal, workspace = 'acme') => {
    const heard: { users: string[]; isComplete: boolean }[] = [];
    feed.follow(
      workspace,
      (fresh, isComplete) => heard.push({ users: fresh.map(({ user }) => user), isComplete }),
      signal,
    );
    return heard;
  };
  return { clock, polls, trouble, say, listen, fail: (does: boolean) => (fails = does) };
}

/** The users of all that was heard. */
const usersOf = (heard: readonly { users: readonly string[] }[]): string[] =>
  heard.flatMap(({ users }) => users);

describe('the feed of what is said of users', () => {
  it('gives each entry once, also those that come late, and what was said right before', async () => {
    const { clock, say, listen } = feedOf();
    const over = new AbortController();
    say('before', clock.now() - feedOverlapMs + 1000);
    say('long ago', clock.now() - feedOverlapMs - 1000);
    const heard = listen(over.signal);
    await clock.sleep(2000);
    say('now');
    say('late', clock.now() - 1500);
    await clock.sleep(5000);
    over.abort();
    expect(usersOf(heard)).toEqual(['before', 'now', 'late']);
  });

  it('polls once for all who follow a workspace, gives each the same, and stops when nobody does', async () => {
    const { clock, polls, say, listen } = feedOf();
    const [first, second] = [new AbortController(), new AbortController()];
    const one = listen(first.signal);
    await clock.sleep(1000);
    say('ana');
    await clock.sleep(1000);
    const other = listen(second.signal);
    await clock.sleep(8000);
    const alone = polls.length;
    expect(alone).toBeLessThanOrEqual(10_000 / (feedPollMs * 0.8));
    expect([usersOf(one), usersOf(other)]).toEqual([['ana'], ['ana']]);
    first.abort();
    second.abort();
    await clock.sleep(1000);
    const stopped = polls.length;
    await clock.sleep(10_000);
    expect(polls).toHaveLength(stopped);
  });

  it('polls each workspace for itself', async () => {
    const { clock, polls, listen } = feedOf();
    const over = new AbortController();
    listen(over.signal, 'acme');
    listen(over.signal, 'umbrella');
    await clock.sleep(2000);
    over.abort();
    expect(new Set(polls.map(({ workspace }) => workspace))).toEqual(new Set(['acme', 'umbrella']));
  });

  it('gives after a failure what was said meanwhile, and says when it may lack some', async () => {
    const { clock, say, listen, fail, trouble, polls } = feedOf();
    const over = new AbortController();
    const heard = listen(over.signal);
    await clock.sleep(1000);
    fail(true);
    say('meanwhile');
    await clock.sleep(20_000);
    fail(false);
    await clock.sleep(4000);
    expect(heard).toEqual([{ users: ['meanwhile'], isComplete: true }]);
    fail(true);
    await clock.sleep(120_000);
    fail(false);
    await clock.sleep(4000);
    over.abort();
    expect(heard.slice(1)).toEqual([{ users: [], isComplete: false }]);
    expect(new Set(trouble)).toEqual(new Set(['what is said of other users cannot be read']));
    expect(Math.max(...polls.map(({ at, from }) => at - from))).toBeLessThanOrEqual(60_000);
  });
});
