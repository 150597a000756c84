import { feedJitter, feedPollMs } from '../../core/awareness/feed.ts';
import type { Random } from '../../core/clock.ts';
import { jitter } from '../../core/clock.ts';
import { drainIntervalMs, lookIntervalMs } from '../../core/connections/drain.ts';
import { lookJitter } from '../../core/connections/end-feed.ts';
import { PollPace, sharedPauseMs, usualHeadCheckMs } from '../../core/log/poll-pace.ts';
import { plannedEnds } from '../../core/session/planned-ends.ts';

// Millions of times: looking for them each time is what takes long where tests run it.
const { imul, log } = Math;

/** What the sessions of a stage depend on: its settings, and what happens. */
export interface SessionFacts {
  readonly sessionSeconds: number;
  readonly heartbeatSeconds: number;
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
  /** Changes of the workspace, an hour. They come by chance, one after another. */
  readonly changesPerHour: number;
  /** How many streams share its polls and make them come more often for it, itself among them. */
  readonly sharers: number;
  /** How long a read takes, milliseconds. */
  readonly readMs: number;
  /** How long it takes until a session is let in and begins to read, milliseconds of its length. */
  readonly admissionMs: number;
}

/** What one session does, on average. */
export interface MeanSession {
  readonly seconds: number;
  /** Polls, its own and those that it shares, that read the log, and such as read its head; one that finds something by the head reads both. */
  readonly logReads: number;
  readonly headReads: number;
  /** Looks at what ends streams of its workspace, and at the marker of a drain. */
  readonly looks: number;
  readonly drainReads: number;
  readonly pings: number;
  /** Polls of what was said of other users, where the client asks for it. */
  readonly awarenessReads: number;
}

/** How much is simulated: so that another seed would move the result by some tenths of a percent. */
const least = { sessions: 200, seconds: 40_000 } as const;

const known = new Map<string, MeanSession>();

/**
 * Runs sessions on a clock of its own, by the code that sets their pace. The same facts always give the same result, and are
 * simulated once.
 */
export function meanSession(facts: SessionFacts): MeanSession {
  const key = JSON.stringify(facts);
  const session = known.get(key) ?? simulate(facts);
  known.set(key, session);
  return session;
}

function simulate(facts: SessionFacts): MeanSession {
  const random = seeded();
  const sum = { seconds: 0, logReads: 0, headReads: 0, looks: 0, drainReads: 0, pings: 0, awarenessReads: 0 };
  let sessions = 0;
  for (; sessions < least.sessions || sum.seconds < least.seconds; sessions += 1) {
    const ends = plannedEnds(
      { now: 0, deadline: Infinity, tokenExpiresAt: Infinity, sessionMs: facts.sessionSeconds * 1000 },
      random,
    );
    const lengthMs = ends.session_length;
    const endMs = Math.max(0, lengthMs - facts.admissionMs);
    const polls = pollsUntil(endMs, facts, random);
    const looks = looksUntil(endMs, facts, random);
    sum.seconds += lengthMs / 1000;
    sum.logReads += polls.logReads;
    sum.headReads += polls.headReads;
    sum.looks += looks.looks;
    sum.drainReads += looks.drainReads;
    sum.pings += Math.max(0, Math.ceil(endMs / (facts.heartbeatSeconds * 1000)) - 1);
    sum.awarenessReads += awarenessReadsUntil(endMs, facts, random);
  }
  const mean = Object.entries(sum).map(([name, value]) => [name, value / sessions] as const);
  return { ...sum, ...Object.fromEntries(mean) };
}

function pollsUntil(
  endMs: number,
  { changesPerHour, sharers, readMs, pollMinMs, pollMaxMs }: SessionFacts,
  random: Random,
): Pick<MeanSession, 'logReads' | 'headReads'> {
  const options = { random, headCheckMs: usualHeadCheckMs, pollMinMs, pollMaxMs };
  const gapMs = (): number => -log(1 - random()) * (3_600_000 / changesPerHour);
  let logReads = 0;
  let headReads = 0;
  let pace = new PollPace(options, 0);
  let changeAt = gapMs();
  const pauseMs = (): number => sharedPauseMs(pace.nextPauseMs(), sharers);
  for (let now = pauseMs(); now < endMs; now += pauseMs()) {
    const finds = changeAt <= now;
    const checks = pace.checksHead(now);
    if (checks) headReads += 1;
    if (!checks || finds) logReads += 1;
    // What came together is found together, and what comes by chance does not mind when one begins to wait for it.
    if (finds) changeAt = now + gapMs();
    now += readMs;
    // The place behind what was found is a new one to wait at.
    if (finds) pace = new PollPace(options, now);
  }
  return { logReads, headReads };
}

function looksUntil(
  endMs: number,
  { readMs }: SessionFacts,
  random: Random,
): Pick<MeanSession, 'looks' | 'drainReads'> {
  const pauseMs = (): number => jitter(random, ...lookJitter) * lookIntervalMs;
  let looks = 0;
  let drainReads = 0;
  let drainReadAt = -Infinity;
  for (let now = pauseMs(); now < endMs; now += pauseMs() + readMs) {
    looks += 1;
    if (now - drainReadAt < drainIntervalMs) continue;
    drainReadAt = now;
    drainReads += 1;
  }
  return { looks, drainReads };
}

function awarenessReadsUntil(endMs: number, { readMs }: SessionFacts, random: Random): number {
  let reads = 0;
  for (let now = 0; now < endMs; now += readMs + jitter(random, ...feedJitter) * feedPollMs) reads += 1;
  return reads;
}

/** Numbers that look random and are always the same: mulberry32, by Tommy Ettinger, in the public domain. */
function seeded(): Random {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
