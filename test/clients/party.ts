import type { TestStack } from '../end-to-end/stack.ts';
import { clients } from './clients.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { DrivenClient } from './driven-client.ts';
import type { Due } from './judge.ts';
import { isTaskEvent, problemsOf } from './judge.ts';

/** One client of a party, and the proxy that it has for itself. */
export interface Guest {
  readonly driven: DrivenClient;
  readonly proxy: CuttingProxy;
}

/** How long a client may take for what it must do, before it counts as a client that does not. Milliseconds. */
const patienceMs = 100_000;

/** All clients at once, as one user of one workspace: so that ids are the same for all. */
export class Party {
  readonly guests: readonly Guest[];
  /** What was wrong, by the client's name. */
  readonly problems: ReadonlyMap<string, string[]>;

  private constructor(guests: readonly Guest[]) {
    this.guests = guests;
    this.problems = new Map(guests.map(({ driven }) => [driven.client.name, []]));
  }

  /**
   * Starts all clients.
   * @param cutAfter gives the bytes after which the streams of a client are cut.
   * @param origin where they find the stack, when not at its own origin.
   */
  static async start(
    stack: TestStack,
    workspace: string,
    {
      cutAfter = (): number[] => [],
      origin = stack.local.url,
      token = stack.local.issuer.sign({ sub: 'reader', workspace }),
    }: {
      readonly cutAfter?: (index: number) => number[];
      readonly origin?: string;
      readonly token?: Promise<string>;
    } = {},
  ): Promise<Party> {
    const guests = clients.map(async (client, index) => {
      const proxy = await CuttingProxy.start(origin, cutAfter(index));
      const driven = new DrivenClient(client, `${proxy.url}/sse/connect`, await token);
      return { driven, proxy };
    });
    return new Party(await Promise.all(guests));
  }

  /** Waits until all clients do what they must; notes it for those that do not. */
  async all(what: string, condition: (guest: Guest) => boolean): Promise<void> {
    await Promise.all(
      this.guests.map(async (guest) => {
        let timer: NodeJS.Timeout | undefined;
        const tooLong = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => reject(new Error(`not in ${patienceMs} ms`)), patienceMs);
        });
        try {
          await Promise.race([guest.driven.until(() => condition(guest)), tooLong]);
        } catch (error) {
          this.note(guest, `${what}: ${(error as Error).message}`);
        } finally {
          clearTimeout(timer);
        }
      }),
    );
  }

  /** Waits until all are connected. */
  async connected(): Promise<void> {
    await this.all('connects', ({ driven }) => driven.messages.length > 0);
  }

  /** Waits until all have got as many task events as are due, and judges what they got. */
  async judge(due: readonly Due[]): Promise<void> {
    await this.all(
      `gets ${due.length} task events`,
      ({ driven }) => driven.messages.filter(isTaskEvent).length >= due.length,
    );
    for (const guest of this.guests) this.note(guest, ...problemsOf(guest.driven.messages, due));
  }

  note({ driven }: Guest, ...problems: string[]): void {
    this.problems.get(driven.client.name)!.push(...problems);
  }

  async close(): Promise<void> {
    await Promise.all(this.guests.map(({ driven }) => driven.close()));
    await Promise.all(this.guests.map(({ proxy }) => proxy.close()));
  }
}
