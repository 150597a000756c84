import type { Clock, Random } from '../../../core/clock.ts';
import { jitter } from '../../../core/clock.ts';
import { isThrottle } from '../dynamodb/client.ts';
import type { Sockets } from './client.ts';
import { isBroken } from './client.ts';

export interface DeliveryOptions {
  readonly sockets: Pick<Sockets, 'send'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** A client is not told the rest of what it should be. It sees that by itself, and asks. */
export class PushGivenUp extends Error {
  override readonly name = 'PushGivenUp';
}

/**
 * The longest message that API Gateway takes, bytes. Source: "Quotas for configuring and running a WebSocket API", API
 * Gateway developer guide. A frame is half of it at the most, since a task has a largest size (`core/task/size.ts`).
 */
const largestMessage = 128 * 1024;

/** The longest waits before a message that was refused for load is tried again, milliseconds: two seconds in all. */
const throttleWaitsMs = [250, 600, 1100];

/** Sends frames to clients, those of one client one after another. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Sends messages to a socket in their order, each when the one before was taken.
   * @param until from when on nothing more is begun, epoch milliseconds.
   * @returns false where the socket is gone.
   * @throws {PushGivenUp} for a message that is too large, and when there is no time left; what the client throws that no
   *   second try mends. The messages after that are not sent.
   */
  async send(socket: string, messages: Iterable<string>, until: number): Promise<boolean> {
    for (const message of messages) {
      if (Buffer.byteLength(message) > largestMessage) throw new PushGivenUp('a frame is too large');
      if (!(await this.#sendOne(socket, message, until))) return false;
    }
    return true;
  }

  async #sendOne(socket: string, message: string, until: number): Promise<boolean> {
    const { sockets, clock, random } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      if (clock.now() >= until) throw new PushGivenUp('no time left');
      try {
        return await sockets.send(socket, message);
      } catch (error) {
        const wait = waitAfter(error, attempt);
        if (wait === undefined) throw error;
        await clock.sleep(jitter(random, wait / 2, wait));
      }
    }
  }
}

/** The longest wait before another try, milliseconds; undefined where there is none. */
function waitAfter(error: unknown, attempt: number): number | undefined {
  if (isThrottle(error)) return throttleWaitsMs[attempt];
  // A connection to API Gateway that nobody has used for long. It may have happened: then the client gets it twice.
  return isBroken(error) && attempt === 0 ? 0 : undefined;
}
