import { setTimeout as wait } from 'node:timers/promises';
import type { TestStack } from '../end-to-end/stack.ts';
import type { Due } from './judge.ts';

/** What some clients take for the end of a line, for a field, or for another charset. */
const text = 'Å é 😀 \u0085 \u2028 \u2029 \uFEFF \r\n\n data: x\nid: y\n: z';

/** Writes tasks of one workspace, and knows which events a member must have got of them. */
export class Writer {
  readonly #stack: TestStack;
  readonly #workspace: string;
  readonly #start: string;

  private constructor(stack: TestStack, workspace: string, start: string) {
    this.#stack = stack;
    this.#workspace = workspace;
    this.#start = start;
  }

  /** To be called before the first client connects: what is written from then on is due. */
  static async start(stack: TestStack, workspace: string): Promise<Writer> {
    const stream = await stack.connect({ sub: 'reader', workspace });
    const { cursor } = stream;
    stream.cut();
    return new Writer(stack, workspace, cursor);
  }

  /** Each type of event, and both kinds of visibility: six events. */
  async writeRound(): Promise<void> {
    const { id } = (await this.#request('POST', '/tasks', { name: 'round', description: text })).task;
    await this.#request('PATCH', `/tasks/${id}`, { status: 'in_progress' });
    await this.#request('PATCH', `/tasks/${id}`, { visibility: 'private' });
    await this.#request('PATCH', `/tasks/${id}`, { visibility: 'workspace' });
    await this.#request('DELETE', `/tasks/${id}`);
  }

  /**
   * A frame that no client reads in one piece, with characters of four bytes, and nearly as long as one can be: some
   * clients have room for a line of 64 KiB.
   */
  async writeLong(): Promise<void> {
    await this.#request('POST', '/tasks', {
      name: 'long',
      description: '😀'.repeat(300) + '\u0001'.repeat(9500),
    });
  }

  /** Writes rounds until the condition is met. */
  async writeUntil(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await this.writeRound();
      await wait(50);
    }
  }

  /** All events that are due, as a client gets them that was never disturbed. */
  async due(): Promise<Due[]> {
    const last = `the last of ${this.#workspace}`;
    await this.#request('POST', '/tasks', { name: last });
    const reader = { sub: 'reader', workspace: this.#workspace };
    const found: Due[] = [];
    let cursor = this.#start;
    // Sessions are short here.
    const isComplete = (): boolean => found.at(-1)?.data.includes(last) === true;
    while (!isComplete()) {
      const stream = await this.#stack.connect(reader, { lastEventId: cursor });
      await Promise.race([
        stream.ended,
        stream.until(() => stream.events.at(-1)?.task?.name === last).catch(() => undefined),
      ]);
      stream.cut();
      for (const { id, data } of stream.frames) {
        if (String(data.type).startsWith('task.')) found.push({ id: id!, data: JSON.stringify(data) });
      }
      ({ cursor } = stream);
    }
    return found;
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the JSON of an answer
  async #request(method: string, path: string, body?: unknown): Promise<any> {
    const author = { sub: 'author', workspace: this.#workspace };
    const answer = await this.#stack.request(author, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status}`);
    return answer.body;
  }
}
