import fc from 'fast-check';
import type { Change } from '../../core/log/change.ts';
import { eventsFor } from '../../core/subscription/events.ts';
import { appendBatch } from '../../core/log/append.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { parseFrames } from './event-stream.ts';
import type { MemoryLog } from './memory-log.ts';
import { sampleLog } from './memory-log.ts';
import { allOf, anyChange } from './task-samples.ts';

/** Appends changes as batches of the given sizes. */
export async function append(
  log: MemoryLog,
  changes: readonly Change[],
  sizes: readonly number[],
): Promise<void> {
  let position = 0;
  for (let turn = 0; position < changes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    const batch = { workspace: 'acme', stream: 's', changes: changes.slice(position, position + size) };
    await appendBatch(log, batch, {
      now: Date.now,
      newLog: () => sampleLog,
      historySeconds: 86_400,
    });
    position += size;
  }
}

/** Up to twelve changes, each of its own source. */
export const anyHistory = fc
  .integer({ min: 0, max: 12 })
  .chain((length) => fc.tuple(...Array.from({ length }, (_, index) => anyChange(String(index + 1)))));
/** Sizes of batches. */
export const anySizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

/** What a principal must get of a history: its events, and a word for each resync. */
export function expected(history: readonly Change[], principal: Principal): readonly unknown[] {
  return history.flatMap((change): readonly unknown[] =>
    change.kind === 'resync'
      ? ['resync']
      : (JSON.parse(JSON.stringify(eventsFor(change, allOf(principal)))) as unknown[]),
  );
}

/** The same, of the frames of a stream. */
export function received(text: string): readonly unknown[] {
  return parseFrames(text).flatMap(({ event, data }): readonly unknown[] => {
    const value = JSON.parse(data) as Record<string, unknown>;
    if (event === undefined) return value['type'] === 'connection.established' ? [] : [value];
    return event === 'resume' && value['reason'] === 'resync' ? ['resync'] : [];
  });
}
