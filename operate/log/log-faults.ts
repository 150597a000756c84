import { z } from 'zod';
import type { Head } from '../../core/log/segment.ts';
import { isKept } from '../../core/log/segment.ts';
import { readHeadItem } from '../../lambdas/shared/dynamodb/log-item.ts';
import type { RawHead } from './stored-log.ts';

/** What is wrong with a log, so that appends or readers cannot go on as they should. */
export interface LogFault {
  readonly kind: 'no_head' | 'bad_head' | 'behind' | 'ahead' | 'gap' | 'unreadable' | 'newer_format';
  /** What was found, and what follows from it, for people. */
  readonly text: string;
}

/** What is known of a segment without its changes. */
export interface SegmentFacts {
  readonly segment: number;
  readonly log: string;
  readonly at: number;
  readonly expires: number;
  readonly format: number;
  /** Why its changes cannot be read; undefined where they can. */
  readonly unreadable?: string | undefined;
}

/** A log as it was found. */
export interface FoundLog {
  /** The head before the segments were read: what it names must be among them. */
  readonly before: RawHead;
  /** The head after that: it names all of them. */
  readonly after: RawHead;
  /** In ascending order. */
  readonly segments: readonly SegmentFacts[];
}

const followed = z.looseObject({ stream: z.string(), high: z.string().regex(/^\d{1,40}$/) });
const time = z.number().min(0);
const headShape = z.looseObject({
  log: z.string().regex(/^[0-9a-f]{16}$/),
  key: z.string().optional(),
  last: z.int().min(0),
  stream: z.string().optional(),
  high: followed.shape.high.optional(),
  newest: time.optional(),
  previous: followed.optional(),
  at: time,
});

/** The head of an item, or what is wrong with it. */
function readRawHead(raw: NonNullable<RawHead>): Head | { readonly wrong: string } {
  const { error } = headShape.safeParse(raw);
  if (error === undefined) return readHeadItem(raw);
  const [issue] = error.issues;
  return { wrong: `${issue!.path.join('.')}: ${issue!.message}` };
}

/** The head that a log can go by; undefined where there is none. */
export function usableHead(raw: RawHead): Head | undefined {
  const head = raw && readRawHead(raw);
  return head === undefined || 'wrong' in head ? undefined : head;
}

const stuck = 'so each append fails, and with it whatever waits behind it, until the fan-out gives it up';

/**
 * What is wrong with a log; empty where it is sound.
 * @param now epoch milliseconds.
 * @param historySeconds how long segments are kept.
 */
export function faultsOf(found: FoundLog, now: number, historySeconds: number): readonly LogFault[] {
  const { before, after, segments } = found;
  const highest = segments.at(-1)?.segment ?? 0;
  if (before === undefined || after === undefined) {
    const text = `there are segments up to ${highest} and no head: whoever connects or writes makes one that begins at 1, ${stuck}`;
    return highest === 0 ? [] : [{ kind: 'no_head', text }];
  }
  const head = readRawHead(after);
  const named = readRawHead(before);
  if ('wrong' in head || 'wrong' in named) {
    const wrong = 'wrong' in head ? head.wrong : 'it changed while it was read';
    return [{ kind: 'bad_head', text: `the head cannot be used (${wrong}), so nobody can read or append` }];
  }
  const faults: LogFault[] = [];
  if (highest > head.last) {
    const text = `the head says that the last segment is ${head.last}, and there is ${highest}: the number of a next one is taken or will be, ${stuck}`;
    faults.push({ kind: 'behind', text });
  }
  const run = segments.filter(({ segment }) => segment <= named.last);
  return [...faults, ...holesOf(named, run, now, historySeconds), ...unreadableOf(head, run, now)];
}

/** What is missing below the head, of what readers may still want. */
function holesOf(
  { log, last, at }: Head,
  run: readonly SegmentFacts[],
  now: number,
  historySeconds: number,
): readonly LogFault[] {
  const known = new Map(run.map((each) => [each.segment, each]));
  const shouldBeThere = last > 0 && at + historySeconds * 1000 > now;
  if (shouldBeThere && known.get(last)?.log !== log) {
    const there = run.at(-1)?.segment;
    const text = `the head says that the last segment is ${last}, and the last one there is ${there ?? 'none'}: clients that have not heard of those between load again, and are told nothing of them`;
    return [{ kind: 'ahead', text }];
  }
  const kept = run.filter((each) => each.log === log && isKept(each, now)).map(({ segment }) => segment);
  const holes = kept.slice(1).flatMap((segment, index) => {
    const from = kept[index]! + 1;
    // One that is there is only past its time: a setting has changed since.
    if (segment === from || known.get(from)?.log === log) return [];
    return [`${from} to ${segment - 1}`];
  });
  if (holes.length === 0) return [];
  const text = `segments are missing: ${holes.join(', ')}; clients from before them load again, and history says nothing of them`;
  return [{ kind: 'gap', text }];
}

function unreadableOf({ log }: Head, run: readonly SegmentFacts[], now: number): readonly LogFault[] {
  return run
    .filter((each) => each.unreadable !== undefined && each.log === log && isKept(each, now))
    .map(({ segment, unreadable }) => {
      const kind = /has format \d+$/.test(unreadable!) ? 'newer_format' : 'unreadable';
      const text =
        kind === 'newer_format'
          ? `${unreadable}, which this version does not read: use the version that is deployed`
          : `segment ${segment} cannot be read (${unreadable}): no stream gets past it`;
      return { kind, text };
    });
}
