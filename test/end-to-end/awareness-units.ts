import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import type { PresenceStore } from '../../lambdas/shared/dynamodb/presence-store.ts';
import { forEachOf } from '../../core/for-each.ts';

/** Counts what the functions of a stack read and write. */
export class UnitCount {
  #consumed: ConsumedCapacity[] = [];
  #ended = 0;
  #onEnd = (): void => undefined;

  note(one: ConsumedCapacity): void {
    this.#consumed.push(one);
  }

  /** Hears what the stack logs. */
  hear(line: string): void {
    if (!line.includes('session ended')) return;
    this.#ended += 1;
    this.#onEnd();
  }

  reset(): void {
    this.#consumed = [];
  }

  /** What a function has read and written since the last reset. */
  of(functionName: string): { readonly reads: number; readonly writes: number } {
    const own = this.#consumed.filter((one) => one.functionName === functionName);
    return {
      reads: own.reduce((sum, { readUnits }) => sum + readUnits, 0),
      writes: own.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
    };
  }

  /** Resolves when one more session has ended than had when it was called. */
  sessionEnd(): Promise<void> {
    const wanted = this.#ended + 1;
    return new Promise((resolve) => {
      this.#onEnd = () => {
        if (this.#ended >= wanted) resolve();
      };
    });
  }
}

/** The users of a crowd, and the one task that all of them are at. */
export interface Crowd {
  readonly count: number;
  readonly task: number;
  /** When their leases end, epoch milliseconds; in five minutes where it is left out. */
  readonly until?: number;
}

/** Puts users there who view a board, as if each had said so a while ago. */
export async function seedViewers(
  store: Pick<PresenceStore, 'put'>,
  workspace: string,
  { count, task, until = Date.now() + 300_000 }: Crowd,
): Promise<void> {
  const since = Date.now() - 60_000;
  const users = Array.from({ length: count }, (_, index) => `user-${String(index).padStart(5, '0')}`);
  await forEachOf(users, 20, async (user) => {
    const views = { page: { state: 'active', task, until, at: since } } as const;
    const said = { times: 1, at: since };
    await store.put(
      workspace,
      undefined,
      { user, revision: since, version: 0, since, views, said },
      undefined,
    );
  });
}
