import type { LocalStack } from '../../local/stack.ts';

/** Memory of a function at one time, bytes. */
export interface MemorySample {
  readonly heapUsed: number;
  readonly rss: number;
}

/** Memory of a function over a run, samples at equal numbers of requests. */
export interface MemoryCurve {
  readonly name: string;
  readonly samples: readonly MemorySample[];
}

/** How a function's memory has grown from the middle of a run, when it is warm, to its end. Bytes. */
export interface MemoryGrowth {
  readonly name: string;
  readonly measure: 'heap' | 'resident';
  readonly middle: number;
  readonly end: number;
  readonly isFlat: boolean;
}

const megabyte = 1024 * 1024;

/**
 * What may be added between the middle and the end: a share of what there was, and some bytes. The heap is what is left
 * after a garbage collection; what is resident goes up and down for long, and tells of nothing but a great leak.
 */
const tolerance = {
  heap: { share: 0, bytes: 4 * megabyte },
  resident: { share: 0.2, bytes: 12 * megabyte },
} as const;

/** Reads the memory of each function after a garbage collection, by its name. */
export async function readMemory({ functions }: LocalStack): Promise<Map<string, MemorySample>> {
  const entries = functions.map(async ({ name, process }) => [name, await process.memory()] as const);
  return new Map(await Promise.all(entries));
}

/**
 * Compares the second third of a run with the last one. Of the heap it takes the lowest sample of each, which is nearest
 * to what the garbage collector leaves; of the resident memory, which seldom shrinks, the middle one.
 */
export function memoryGrowth(curves: readonly MemoryCurve[]): MemoryGrowth[] {
  return curves.flatMap(({ name, samples }) => {
    const third = Math.floor(samples.length / 3);
    const thirds = [samples.slice(third, 2 * third), samples.slice(2 * third)] as const;
    const [heapBefore, heapAfter] = thirds.map((part) => Math.min(...part.map(({ heapUsed }) => heapUsed)));
    const [rssBefore, rssAfter] = thirds.map((part) => median(part.map(({ rss }) => rss)));
    return [growth(name, 'heap', heapBefore!, heapAfter!), growth(name, 'resident', rssBefore!, rssAfter!)];
  });
}

function growth(name: string, measure: MemoryGrowth['measure'], middle: number, end: number): MemoryGrowth {
  const { share, bytes } = tolerance[measure];
  return { name, measure, middle, end, isFlat: end <= middle * (1 + share) + bytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
