import type { InvocationReceiver } from './invocation.ts';
import type { FunctionError } from './runtime/channel.ts';
import { responseWindow } from './runtime/channel.ts';

interface Running {
  readonly receiver: InvocationReceiver;
  readonly timer: NodeJS.Timeout;
  /** The receiver is full. */
  paused: boolean;
  /** Bytes of the response that came since the host was last told that they are taken. */
  untold: number;
}

/** Bytes after which the host is told: often enough for its window, and seldom for small chunks. */
const tellAfter = responseWindow / 4;

/** The invocations of one function that are under way, by their numbers. */
export class RunningInvocations {
  readonly #running = new Map<number, Running>();
  readonly #tellTaken: (id: number, bytes: number) => void;

  /** @param tellTaken tells the host how many bytes of an invocation's response were taken. */
  constructor(tellTaken: (id: number, bytes: number) => void) {
    this.#tellTaken = tellTaken;
  }

  get size(): number {
    return this.#running.size;
  }

  /** How many wait for a receiver that is full. */
  get blocked(): number {
    return [...this.#running.values()].filter(({ paused }) => paused).length;
  }

  /** @param timer ends it at its time limit; cleared when it ends before. */
  add(id: number, receiver: InvocationReceiver, timer: NodeJS.Timeout): void {
    this.#running.set(id, { receiver, timer, paused: false, untold: 0 });
  }

  /** Where the result of one that goes on goes to; undefined when it is over. */
  receiver(id: number): InvocationReceiver | undefined {
    return this.#running.get(id)?.receiver;
  }

  /** Hands bytes of a response over. */
  chunk(id: number, bytes: Buffer): void {
    const running = this.#running.get(id);
    // What comes after the time limit goes nowhere, and makes nobody wait.
    if (running === undefined) return this.#tellTaken(id, bytes.length);
    running.untold += bytes.length;
    if (!running.receiver.chunk(bytes)) running.paused = true;
    if (!running.paused && running.untold >= tellAfter) this.resume(id);
  }

  /** Takes note that the receiver of one has room again. */
  resume(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.paused = false;
    if (running.untold > 0) this.#tellTaken(id, running.untold);
    running.untold = 0;
  }

  /** Takes one that is over out, and gives its receiver; undefined when it was over before. */
  settle(id: number): InvocationReceiver | undefined {
    const running = this.#running.get(id);
    if (running !== undefined) clearTimeout(running.timer);
    this.#running.delete(id);
    return running?.receiver;
  }

  /** Fails all of them. */
  failAll(error: FunctionError): void {
    for (const id of this.#running.keys()) this.settle(id)?.failed(error);
  }
}
