import type { PollOptions, Wait } from './tail-poller.ts';
import { TailPoller } from './tail-poller.ts';
import { PageReader } from './page-reader.ts';
import { usualHeadCheckMs } from './poll-pace.ts';
import type { ReadResult, ReadStore } from './read-store.ts';
import type { Sought } from './seek.ts';
import type { Head, OpenHead } from './segment.ts';

export interface SegmentReaderOptions extends Omit<PollOptions, 'headCheckMs'> {
  /** How often a quiet reader looks whether the log is still the same one, milliseconds. */
  readonly headCheckMs?: number;
  /** What may be kept, characters of JSON. */
  readonly cacheBytes?: number;
}

/** Reads logs for all the streams of a process. */
export class SegmentReader {
  readonly #pages: PageReader;
  readonly #tails: TailPoller;

  constructor(
    store: ReadStore,
    { headCheckMs = usualHeadCheckMs, cacheBytes = 32 * 1024 * 1024, ...polls }: SegmentReaderOptions,
  ) {
    this.#pages = new PageReader(store, polls.clock, cacheBytes);
    this.#tails = new TailPoller(this.#pages, { headCheckMs, ...polls });
  }

  /** As `ReadStore` has it. */
  openHead(workspace: string): Promise<OpenHead> {
    return this.#pages.openHead(workspace);
  }

  /** As `seek` has it. */
  seek(workspace: string, head: Head, since: number): Promise<Sought> {
    return this.#pages.seek(workspace, head, since);
  }

  /** As `PageReader` has it. */
  read(workspace: string, log: string, from: number, most?: number): Promise<ReadResult> {
    return this.#pages.read(workspace, log, from, most);
  }

  /** As `PageReader` has it. */
  readBelow(workspace: string, head: Head, from: number, most?: number): Promise<ReadResult> {
    return this.#pages.readBelow(workspace, head, from, most);
  }

  /** As `TailPoller` has it. */
  waitFor(workspace: string, log: string, from: number, timeoutMs: number): Wait {
    return this.#tails.waitFor(workspace, log, from, timeoutMs);
  }
}
