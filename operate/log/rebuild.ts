import type { AppendStore } from '../../core/log/append.ts';
import { beforeAll } from '../../core/log/append.ts';
import type { LogIdentity } from '../../core/log/cursor.ts';
import type { Head, Segment } from '../../core/log/segment.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { InspectOptions, InspectPorts, Inspection } from './inspect.ts';
import { inspectLog } from './inspect.ts';
import { usableHead } from './log-faults.ts';
import type { LogStore } from './stored-log.ts';

/** What a log needs. */
export type Remedy =
  /** Nothing: appends and readers go on, and clients know what the table has. */
  | 'nothing'
  /** A `resync` at its end: clients load again, and go on with this log. */
  | 'reload'
  /** A new log after what is there: no cursor of before is good any more, and clients load again. */
  | 'new log'
  /** Something that is not for this version to mend. */
  | 'newer version';

export interface RebuildPorts extends InspectPorts {
  readonly log: LogStore;
  readonly appends: Pick<AppendStore, 'append'>;
}

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

/** How often to look again when the log has moved meanwhile. */
const attempts = 10;

/** A transaction holds 100 items. Source: TransactWriteItems in the DynamoDB API reference. */
const mostRemoved = 98;

/** How much later than this clock the table's may be, milliseconds. */
const clocksDifferMs = 5 * 60_000;

/** What a log needs. A workspace of which there is nothing at all needs nothing. */
export function remedyFor(
  { faults, missed, raw, segments, tasks }: Inspection,
  wantsNewLog: boolean,
): Remedy {
  const isKnown = raw !== undefined || segments.length > 0 || tasks > 0;
  if (faults.some(({ kind }) => kind === 'newer_format')) return 'newer version';
  if (faults.length > 0 || (wantsNewLog && isKnown)) return 'new log';
  // Nobody has a cursor of a log that there is not; a stream since a time must hear all the same that something is missing.
  if (raw === undefined) return tasks > 0 ? 'new log' : 'nothing';
  return missed.length > 0 ? 'reload' : 'nothing';
}

/**
 * Looks at a log, and mends it. Whatever it does is one transaction that changes nothing where somebody has been faster;
 * then it looks again.
 * @throws {CommandError} when somebody always is; what `inspectLog` and the tables throw.
 */
export async function rebuildLog(
  ports: RebuildPorts,
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
    const head = remedy === 'reload' ? reloadHead(inspection, options) : newHead(inspection, options);
    const segment = markerOf(head, options.historySeconds);
    tried = { remedy, head };
    const isWritten =
      remedy === 'reload'
        ? await ports.appends.append(workspace, segment, inspection.head, head)
        : await ports.log.replace(workspace, segment, inspection.raw, head, unreadableIn(inspection));
    if (isWritten) return { inspection, remedy, head };
  }
  throw new CommandError(`the log of workspace ${workspace} keeps moving: try again`);
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

/** The head after a `resync` in the same log. */
function reloadHead({ head, missed }: Inspection, { now }: RebuildOptions): Head {
  const { last, at, ...rest } = head!;
  const latest = now() + clocksDifferMs;
  // Not before what it stands for, so that a second run finds that clients have loaded it.
  const written = missed.map(({ writtenAt = 0 }) => Math.min(writtenAt, latest));
  return { ...rest, last: last + 1, at: Math.max(now(), at, ...written) };
}

/**
 * The head of a new log, whose first segment comes after all that is there. It knows what the segments of before hold: a
 * batch that is delivered again is found there.
 */
function newHead({ raw, segments, seen }: Inspection, { now, newLog }: RebuildOptions): Head {
  const highest = Math.max(segments.at(-1)?.segment ?? 0, usableHead(raw)?.last ?? 0);
  return { ...newLog(), ...seen, last: highest + 1, at: Math.max(now(), seen.at) };
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
