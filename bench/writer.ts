import { paths } from '../protocol/routes.ts';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What a write came to. */
export interface WriteOutcome {
  /** Number of the change. */
  readonly change: number;
  readonly accepted: boolean;
  /** When the answer was complete, `performance.now()` time. */
  readonly answeredAt: number;
}

/** Name of a task, from which `changeOf` knows the change again. */
const namePattern = /^change (\d+)$/;

/** The number of the change that a task event tells of. */
export function changeOf(json: string): number {
  const { task } = JSON.parse(json) as { readonly task?: { readonly name: string } };
  const number = namePattern.exec(task?.name ?? '')?.[1];
  if (number === undefined) throw new Error(`not a change of this benchmark: ${json}`);
  return Number(number);
}

/**
 * Creates tasks at a steady rate, whatever the answers do (an open loop): a slow answer does not spare the next write
 * its waiting, so latencies count from the time at which a write was due.
 */
export class Writer {
  readonly #port: number;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /**
   * Makes the changes `from` … `to - 1`.
   * @param rate writes a second.
   * @param onDue called before each write with the time at which it was due.
   */
  async write(
    from: number,
    to: number,
    rate: number,
    onDue: (change: number, dueAt: number) => void,
  ): Promise<WriteOutcome[]> {
    const begin = performance.now();
    const answers: Array<Promise<WriteOutcome>> = [];
    for (let change = from; change < to; change += 1) {
      const dueAt = begin + ((change - from) / rate) * 1000;
      const early = dueAt - performance.now();
      if (early > 0) await wait(early);
      onDue(change, dueAt);
      answers.push(this.#create(change));
    }
    return Promise.all(answers);
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #create(change: number): Promise<WriteOutcome> {
    const body = JSON.stringify({
      name: `change ${change}`,
      description: 'A task as people write them: a sentence or two on what there is to do, and for whom.',
      priority: change % 100,
    });
    return new Promise((resolve) => {
      const done = (accepted: boolean): void => resolve({ change, accepted, answeredAt: performance.now() });
      request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.#port,
          method: 'POST',
          path: paths.tasks,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          response.resume();
          response.once('close', () => done(response.statusCode === 201));
        },
      )
        .once('error', () => done(false))
        .end(body);
    });
  }
}
