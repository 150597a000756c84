import type { Clock } from '../../core/clock.ts';
import type { StreamServer } from './server.ts';

export interface MemoryWatchPorts {
  readonly server: Pick<StreamServer, 'open' | 'handOver'>;
  /** Memory of the process that is in use, bytes. */
  readonly residentBytes: () => number;
  readonly clock: Clock;
}

/** How often it is looked, milliseconds: longer than it takes until a stream that is handed over has ended. */
const lookMs = 15_000;

/** The part of the streams that is handed over at a time. */
const handedOver = 0.1;

/**
 * Keeps a process below a mark of memory: above it the oldest streams are handed over, a few at a time, before the platform
 * ends all of them without a word.
 * @param markBytes the mark.
 * @param signal ends it.
 */
export async function watchMemory(
  markBytes: number,
  { server, residentBytes, clock }: MemoryWatchPorts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(lookMs, signal);
    if (signal.aborted) return;
    if (residentBytes() > markBytes) server.handOver(Math.ceil(server.open * handedOver));
  }
}
