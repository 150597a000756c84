import type { Clock } from '../../../core/clock.ts';
import { knownMs } from '../../../core/connections/admission.ts';
import type { OpenConnections } from '../dynamodb/open-connections.ts';
import type { StreamCount, WorkspaceCount } from '../dynamodb/workspace-count.ts';

export interface WorkspaceRoomOptions {
  readonly openConnections: Pick<OpenConnections, 'countRunning'>;
  readonly counts: Pick<WorkspaceCount, 'read' | 'take' | 'claim' | 'write'>;
  readonly perWorkspace: number;
  readonly clock: Clock;
}

/** With less room than this, and a quarter of the limit, each one that comes takes a place: many may come at once. */
const leastRoom = 100;

/** A count that is older than this, milliseconds, is made again before it refuses anybody: some may have left. */
const leastAgeMs = 250;

/** How often one that would be refused looks whether somebody else has counted anew, and how long it waits before. */
const mostLooks = 6;
const lookMs = 150;

/** `unsure`: full by what others have counted, and some may have left since. */
export type Room = 'free' | 'full' | 'unsure';

/**
 * Whether a workspace has room for one more stream. Counting them reads the workspace's whole partition: one does it for
 * all, every 2 s, and every 250 ms at the most while some would be refused. The others take places.
 */
export class WorkspaceRoom {
  readonly #options: WorkspaceRoomOptions;

  constructor(options: WorkspaceRoomOptions) {
    this.#options = options;
  }

  /** What is known of the workspace; undefined where nobody came for a day. */
  read(workspace: string): Promise<StreamCount | undefined> {
    return this.#options.counts.read(workspace);
  }

  /**
   * Looks for the room of a stream that has been noted already.
   * @param known what was read of the workspace a moment ago.
   * @throws what the table throws.
   */
  async look(workspace: string, known: StreamCount | undefined): Promise<Room> {
    const { counts, clock, perWorkspace } = this.#options;
    const now = clock.now();
    if (known === undefined || Math.abs(now - known.at) >= knownMs) {
      const counted = await this.#count(workspace, known?.at);
      if (counted !== undefined) return counted > perWorkspace ? 'full' : 'free';
    }
    // Where nobody came for a day there are no streams but those that come now.
    if (known && perWorkspace - placesOf(known) >= leastRoom + perWorkspace / 4) return 'free';
    let count = await counts.take(workspace);
    for (let look = 0; look < mostLooks && count && placesOf(count) > perWorkspace; look += 1) {
      const isOld = Math.abs(clock.now() - count.at) >= leastAgeMs;
      const counted = isOld ? await this.#count(workspace, count.at) : undefined;
      if (counted !== undefined) return counted > perWorkspace ? 'full' : 'free';
      await clock.sleep(lookMs);
      count = await counts.read(workspace);
    }
    return count !== undefined && placesOf(count) > perWorkspace ? 'unsure' : 'free';
  }

  /** Counts the streams, the one that has been noted among them; undefined where somebody else does. */
  async #count(workspace: string, at: number | undefined): Promise<number | undefined> {
    const { openConnections, counts, clock } = this.#options;
    const now = clock.now();
    const claimed = await counts.claim(workspace, at, now);
    if (!claimed) return undefined;
    // Without those that hand over while this is good: their clients open the next one first.
    const streams = await openConnections.countRunning(workspace, now, knownMs);
    await counts.write(workspace, streams, claimed);
    return streams;
  }
}

function placesOf({ streams, taken }: StreamCount): number {
  return streams + taken;
}
