import { beforeAll } from '../../core/log/append.ts';
import type { LogIdentity } from '../../core/log/cursor.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import { CommandError } from '../../commands/command-error.ts';
import { latest } from './survey.ts';
import type { InspectOptions, InspectPorts, Inspection } from './inspect.ts';
import { inspectLog } from './inspect.ts';
import { usableHead } from './log-faults.ts';

/** What a log needs. */
export type Remedy =
  /** Nothing: appends and readers go on, and clients know what the table has. */
  | 'nothing'
  /** A new log after what is there: no cursor of before is good any more, and clients load again. */
  | 'new log'
  /** Something that is not for this version to mend. */
  | 'newer version';

export interface RebuildOptions extends InspectOptions {
  /** Makes the identity of a new log. */
  readonly newLog: () => LogIdentity;
  /** Whether a new log is wanted whatever is found: what the log holds may not be what clients were told. */
  readonly wantsNewLog: boolean;
  /** Whether to do it, and not only to say what would be done. */
  readonly apply: boolean;
}

/** What was found, and what was done about it, or would be. */
export interface Rebuilt {
  readonly inspection: Inspection;
  readonly remedy: Remedy;
  /** The head that was written; undefined where none was. */
  readonly head: Head | undefined;
}

/** How often to look again when the log is not any more what was found. */
const attempts = 10;

/** How often to try when appends are faster: a read and a transaction take some milliseconds. */
const races = 30;

/** A transaction holds 100 items. Source: TransactWriteItems in the DynamoDB API reference. */
const mostRemoved = 98;

/** How much later than this clock the table's may be, milliseconds. */
const clocksDifferMs = 5 * 60_000;

/** What a log needs. A workspace of which there is nothing at all needs nothing. */
function remedyFor({ faults, missed, raw, segments, tasks }: Inspection, wantsNewLog: boolean): Remedy {
  const isKnown = raw !== undefined || segments.length > 0 || tasks > 0;
  if (faults.some(({ kind }) => kind === 'newer_format')) return 'newer version';
  // A stream since a time must hear that something is missing, also where nothing is left of the log.
  const isGone = raw === undefined && tasks > 0;
  const isWanted = wantsNewLog && isKnown;
  return faults.length > 0 || missed.length > 0 || isGone || isWanted ? 'new log' : 'nothing';
}

/**
 * Looks at a log, and mends it. Whatever it does is one transaction that changes nothing where somebody has been faster;
 * then it looks again.
 * @throws {CommandError} when somebody always is; what `inspectLog` and the tables throw.
 */
export async function rebuildLog(
  ports: InspectPorts,
  workspace: string,
  options: RebuildOptions,
): Promise<Rebuilt> {
  let tried: { readonly remedy: Remedy; readonly head: Head } | undefined;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const inspection = await inspectLog(ports, workspace, options);
    // Whether a transaction without an answer has happened, the head says.
    const isThere = tried !== undefined && holds(inspection.head, tried.head);
    const remedy = remedyFor(inspection, options.wantsNewLog && !isThere);
    if (tried && isThere && remedy === 'nothing') return { ...tried, inspection };
    if (remedy === 'nothing' || remedy === 'newer version' || !options.apply)
      return { inspection, remedy, head: undefined };
    const { head, isWritten } = await beginNewLog(ports, workspace, inspection, options);
    if (isWritten) return { inspection, remedy, head };
    tried = { remedy, head };
  }
  throw new CommandError(`the log of workspace ${workspace} keeps moving: try again`);
}

/**
 * Puts a new log after what was found. Appends that come meanwhile change nothing of what was found, so it follows them
 * instead of reading everything again, which would take longer than the next append.
 * @returns the head that was written, or would have been last.
 */
async function beginNewLog(
  { log }: InspectPorts,
  workspace: string,
  inspection: Inspection,
  options: RebuildOptions,
): Promise<{ readonly head: Head; readonly isWritten: boolean }> {
  let { raw, seen } = inspection;
  for (let attempt = 1; ; attempt += 1) {
    const head = newHead(inspection, { raw, seen }, options);
    const marker = markerOf(head, options.historySeconds);
    const isWritten = await log.replace(workspace, marker, raw, head, unreadableIn(inspection));
    if (isWritten || attempt === races) return { head, isWritten };
    const moved = await log.readHead(workspace);
    const known = usableHead(moved);
    if (known === undefined || known.log !== raw?.['log']) return { head, isWritten };
    raw = moved;
    seen = latest(known, seen);
  }
}

/**
 * The segments that have to go with the old log: nobody reads them for what they tell any more, and whoever reads one for
 * another reason, to push what comes after or to find a time, fails on it.
 */
function unreadableIn({ segments }: Inspection): readonly number[] {
  const unreadable = segments.filter((each) => each.unreadable !== undefined).map(({ segment }) => segment);
  // Those before will have passed their time first.
  return unreadable.slice(-mostRemoved);
}

/** Whether a head is of the same log as one that was to be written, and not before it. */
function holds(head: Head | undefined, { log, last }: Head): boolean {
  return head?.log === log && head.last >= last;
}

/**
 * The head of a new log, whose first segment comes after all that is there. It knows what the segments of before hold: a
 * batch that is delivered again is found there.
 */
function newHead(
  { segments, missed }: Inspection,
  { raw, seen }: Pick<Inspection, 'raw' | 'seen'>,
  { now, newLog }: RebuildOptions,
): Head {
  const highest = Math.max(segments.at(-1)?.segment ?? 0, usableHead(raw)?.last ?? 0);
  const soon = now() + clocksDifferMs;
  // Not before what it stands for, so that a second run finds that clients have loaded it.
  const written = missed.map(({ writtenAt = 0 }) => Math.min(writtenAt, soon));
  return { ...newLog(), ...seen, last: highest + 1, at: Math.max(now(), seen.at, ...written) };
}

/** The segment that tells clients to load again. It is of no record, so that it takes nothing from what is delivered. */
function markerOf({ log, last, follows, newest, at }: Head, historySeconds: number): Segment {
  return {
    log,
    segment: last,
    stream: follows?.stream ?? '',
    at,
    expires: Math.ceil(at / 1000) + historySeconds,
    changes: [{ kind: 'resync', source: beforeAll, at: newest }],
  };
}
