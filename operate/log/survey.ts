import type { LogIdentity } from '../../core/log/cursor.ts';
import { advance } from '../../core/log/append.ts';
import type { Head } from '../../core/log/segment.ts';
import { CommandError } from '../../commands/command-error.ts';
import { LastWords } from './last-words.ts';
import type { LogFault, SegmentFacts } from './log-faults.ts';
import { faultsOf, usableHead } from './log-faults.ts';
import type { LogStore, RawHead, StoredSegment } from './stored-log.ts';

/** A log as it was found, and what is wrong with it. */
export interface Survey {
  /** The head as it is in the table. */
  readonly raw: RawHead;
  /** The same; undefined where there is none that can be used. */
  readonly head: Head | undefined;
  readonly segments: readonly SegmentFacts[];
  /** The last segments, as many as were asked for. */
  readonly recent: readonly StoredSegment[];
  readonly faults: readonly LogFault[];
  readonly words: LastWords;
  /** What a head must say of all that the table holds, so that nothing that is delivered again is taken for new. */
  readonly seen: Pick<Head, 'follows' | 'newest' | 'previous' | 'at'>;
}

export interface SurveyOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly historySeconds: number;
  /** How many of the last segments to keep whole. */
  readonly recent: number;
  readonly onRead?: (segments: number) => void;
}

/** How often to begin again while somebody else makes a new log. */
const attempts = 5;

/** It goes into no head that is written. */
const noIdentity = (): LogIdentity => ({ log: '', key: '' });

/**
 * Reads all of a log.
 * @throws {CommandError} when others keep making a new log meanwhile; what the store throws.
 */
export async function surveyLog(store: LogStore, workspace: string, options: SurveyOptions): Promise<Survey> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await store.readHead(workspace);
    const read = await readAll(store, workspace, usableHead(before), options);
    const after = await store.readHead(workspace);
    if (before?.['log'] !== after?.['log']) continue;
    const { seen, ...rest } = read;
    const faults = faultsOf(
      { before, after, segments: rest.segments },
      options.now(),
      options.historySeconds,
    );
    const head = usableHead(after);
    return { raw: after, head, faults, seen: head ? latest(head, seen) : seen, ...rest };
  }
  throw new CommandError(`the log of workspace ${workspace} is being replaced: try again`);
}

async function readAll(
  store: LogStore,
  workspace: string,
  head: Head | undefined,
  { recent: most, onRead }: SurveyOptions,
): Promise<Pick<Survey, 'segments' | 'recent' | 'words' | 'seen'>> {
  const segments: SegmentFacts[] = [];
  const recent: StoredSegment[] = [];
  const words = new LastWords();
  let seen = head;
  for await (const stored of store.segments(workspace)) {
    const { segment, log, stream, at, expires, format, changes } = stored;
    const isReadable = !('unreadable' in changes);
    const unreadable = isReadable ? undefined : changes.unreadable;
    segments.push({ segment, log, at, expires, format, unreadable });
    recent.push(stored);
    if (recent.length > most) recent.shift();
    if (isReadable) {
      words.take(at, changes);
      // What the head has is in it already.
      const isNews = segment > (head?.last ?? 0) && changes.length > 0;
      if (isNews) seen = advance(seen, stream, changes, { now: () => at, newLog: noIdentity });
    }
    onRead?.(1);
  }
  const { follows, newest = 0, previous, at = 0 } = seen ?? {};
  return { segments, recent, words, seen: { follows, newest, previous, at } };
}

/** What a head says, and what was seen besides, which may be older by now. */
export function latest(head: Head, seen: Survey['seen']): Survey['seen'] {
  if (seen.at > head.at || head.follows === undefined) return { ...seen, at: Math.max(seen.at, head.at) };
  const { follows, newest, previous, at } = head;
  return { follows, newest, previous, at };
}
