import type { AwarenessEntry } from '../../../core/awareness/entries.ts';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** Something for the subscribers of a workspace. */
interface OrderFor {
  readonly workspace: string;
  /** Where its page of subscribers begins; left out for the first page. */
  readonly after?: string | undefined;
}

/** New segments of its log. */
export interface SegmentsOrder extends OrderFor {
  readonly log: string;
  /** Number of the first new segment. */
  readonly first: number;
  /** Number of the last one. */
  readonly last: number;
}

/** What was said of its users. */
export interface SaidOrder extends OrderFor {
  readonly said: readonly AwarenessEntry[];
}

export type PushOrder = SegmentsOrder | SaidOrder;

/** Invocations under way at a time. */
const mostSockets = 32;

/**
 * The client of Lambda, once a process. Its time limits are short: an order that hangs is better lost. It tries twice in all,
 * for connections that broke while nobody used them; an order that is taken twice is pushed twice, which harms nobody.
 */
export function createLambdaClient(): LambdaClient {
  const agent = { maxSockets: mostSockets, keepAlive: true };
  return new LambdaClient({
    maxAttempts: 2,
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: 1000,
      requestTimeout: 2000,
      throwOnRequestTimeout: true,
    },
  });
}

/** The function that pushes. */
export class PushFunction {
  readonly #client: Pick<LambdaClient, 'send'>;
  readonly #name: string;

  /** @param name its name or ARN. */
  constructor(client: Pick<LambdaClient, 'send'>, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /**
   * Hands an order to it, and does not wait for what becomes of it.
   * @param signal breaks the call off; it may have happened all the same.
   * @throws what the client throws.
   */
  async order(order: PushOrder, signal?: AbortSignal): Promise<void> {
    const command = new InvokeCommand({
      FunctionName: this.#name,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(order), 'utf8'),
    });
    await this.#client.send(command, { ...(signal && { abortSignal: signal }) });
  }
}
