import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Client } from './clients.ts';

/** A message as a client dispatched it. `event` is `message` for one without a name. */
export interface Dispatched {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

type Line =
  | { readonly kind: 'started'; readonly version: string | null }
  | ({ readonly kind: 'message' } & Dispatched)
  | { readonly kind: 'stopped'; readonly why: string };

/** How much of what a driver complains of is kept for an error. */
const keptComplaints = 4000;

/** A client that runs as a program of its own. */
export class DrivenClient {
  readonly client: Client;
  readonly messages: Dispatched[] = [];
  /** As the client says it; undefined before it has started, null where it has none. */
  version: string | null | undefined;
  /** Why it will not come back by itself; undefined while it does. */
  stopped: string | undefined;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #complaints = '';
  #isOver = false;

  /**
   * Starts a client.
   * @param isBare leaves it as it comes, without what it needs.
   */
  constructor(client: Client, url: string, token: string, isBare = false) {
    this.client = client;
    const [program, ...options] = client.command;
    this.#process = spawn(program, [...options, url, token, ...(isBare ? ['bare'] : [])], {
      env: { ...process.env, ...client.environment, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = new Promise<void>((resolve) => {
      this.#process.once('close', () => resolve()).once('error', () => resolve());
    });
    this.#process.once('error', (error) => this.#over(error.message));
    this.#process.once('close', (code) => this.#over(`it ended with ${code}`));
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-keptComplaints);
    });
    // One that has ended already needs no word.
    this.#process.stdin!.on('error', () => undefined);
    let rest = '';
    this.#process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      // Not `node:readline`: U+2028, which may be in a message, ends a line there.
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#hear(JSON.parse(line) as Line);
    });
  }

  /** The messages without a name: connection.established and task events, in the order of their dispatch. */
  get unnamed(): readonly Dispatched[] {
    return this.messages.filter(({ event }) => event === 'message');
  }

  /** Resolves when the condition is met; rejects when the program ends before. */
  async until(condition: (client: this) => boolean): Promise<void> {
    while (!condition(this)) {
      if (this.#isOver) throw new Error(`${this.client.name}: ${this.#complaints}`);
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  /** Ends the program. */
  async close(): Promise<void> {
    this.#process.stdin!.end();
    await this.#exited;
  }

  #hear(line: Line): void {
    if (line.kind === 'started') this.version = line.version;
    else if (line.kind === 'stopped') this.stopped = line.why;
    else this.messages.push({ event: line.event, id: line.id, data: line.data });
    this.#wake();
  }

  #over(why: string): void {
    this.#isOver = true;
    this.#complaints = `${why}\n${this.#complaints}`;
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
