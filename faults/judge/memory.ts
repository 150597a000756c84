import { collectGarbage } from '../../local/functions/runtime/collect-garbage.ts';
import type { FaultStack } from '../stack/stack.ts';

/** Memory of a process, bytes. */
export interface MemoryPoint {
  readonly resident: number;
  /** Heap, and buffers outside of it. */
  readonly inUse: number;
}

/** What is watched: this process, which is the front and holds the clients too, and the two functions of each change. */
const watched = ['front', 'stream', 'fanout'] as const;
export type Watched = (typeof watched)[number];

const megabyte = 1024 * 1024;

/**
 * How much larger the last third may be than the middle one: a share, and some bytes for the collector's moods. What is
 * resident grows for long in a young process, and some faults kill the fan-out: what is in use tells of leaks.
 */
const tolerance = { share: 0.1, bytes: { resident: 64 * megabyte, inUse: 8 * megabyte } } as const;

/** What this process has in use after a garbage collection: heap, and buffers outside of it. Bytes. */
export function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Notes what the processes of a stack use over time. */
export class MemoryCurve {
  readonly #points: Record<Watched, MemoryPoint[]> = { front: [], stream: [], fanout: [] };

  /**
   * Takes a point: of this process after a garbage collection, and of the functions, whose hosts collect before they
   * answer.
   */
  async sample(stack: FaultStack): Promise<void> {
    collectGarbage();
    const { rss, heapUsed, external } = process.memoryUsage();
    this.note('front', { resident: rss, inUse: heapUsed + external });
    for (const name of ['stream', 'fanout'] as const) {
      const { rss: resident, heapUsed: heap, external: buffers } = await stack.host(name).memory();
      this.note(name, { resident, inUse: heap + buffers });
    }
  }

  /** Adds a point to a process's curve. */
  note(name: Watched, point: MemoryPoint): void {
    this.#points[name].push(point);
  }

  /**
   * For each process its curve in one line, the means of its thirds, and whether it is flat.
   * @param isLong whether there are points enough to tell; else all count as flat.
   */
  judge(isLong: boolean): readonly { readonly line: string; readonly isFlat: boolean }[] {
    return watched.flatMap((name) =>
      (['resident', 'inUse'] as const).map((kind) => {
        const values = this.#points[name].map((point) => point[kind]);
        const third = Math.floor(values.length / 3);
        const parts = [values.slice(0, third), values.slice(third, 2 * third), values.slice(2 * third)];
        const [first, middle, last] = parts.map(lowest) as [number, number, number];
        const isFlat = !isLong || last <= middle * (1 + tolerance.share) + tolerance.bytes[kind];
        const curve = [first, middle, last].map((bytes) => `${(bytes / megabyte).toFixed(1)} MB`).join(' → ');
        const verdict = !isLong ? ' (too short to tell)' : isFlat ? ' (flat)' : ' GROWS';
        return { line: `${name} ${kind === 'inUse' ? 'in use' : kind}: ${curve}${verdict}`, isFlat };
      }),
    );
  }
}

/** The mean of the lower half: what is left after collections, and not what waits for one. */
function lowest(values: readonly number[]): number {
  const lower = values.toSorted((a, b) => a - b).slice(0, Math.max(1, Math.ceil(values.length / 2)));
  return lower.reduce((sum, value) => sum + value, 0) / lower.length;
}
