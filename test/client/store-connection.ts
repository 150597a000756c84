import type { TaskEvent } from '../../protocol/events.ts';
import type { Connection, ConnectionEvents } from '../../client/connection/connection.ts';
import type { ConnectionStatus, ReloadReason } from '../../client/connection/source.ts';
import type { TaskFields } from '../../client/http/task-api.ts';
import type { Request, StoreServer } from './store-server.ts';

/** A request on its way: nothing happens with it but what a test does. */
export interface RequestUnderWay extends Request {
  readonly answer: PromiseWithResolvers<unknown>;
  /** What the server has done: gives its answer, or throws. */
  result?: () => unknown;
  isAnswered: boolean;
}

type Listeners = { [Name in keyof ConnectionEvents]?: Set<(event: ConnectionEvents[Name]) => void> };

/** A connection that carries what the test lets it carry, and no sooner. */
export class StoreConnection implements Connection {
  status: ConnectionStatus = { state: 'connecting' };
  readonly requests: RequestUnderWay[] = [];
  readonly #server: StoreServer;
  readonly #listeners: Listeners = {};
  /** How many events of the log were told, or will never be. */
  #told = 0;
  #isStarted = false;

  constructor(server: StoreServer) {
    this.#server = server;
  }

  get cursor(): string {
    return this.#isStarted ? this.#server.placeAfter(this.#told) : '';
  }

  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
  ): () => void {
    const listeners = (this.#listeners[name] ??= new Set() as NonNullable<Listeners[Name]>);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: TaskFields,
  ): Promise<unknown> {
    const answer = Promise.withResolvers();
    this.requests.push({ method, path, headers, body, answer, isAnswered: false });
    return answer.promise;
  }

  reconnect(): void {}

  pause(): void {}

  close(): void {}

  emit<Name extends keyof ConnectionEvents>(name: Name, event: ConnectionEvents[Name]): void {
    for (const listener of this.#listeners[name] ?? []) listener(event);
  }

  /** The connection begins or comes back. */
  become(status: ConnectionStatus): void {
    this.status = status;
    this.emit('status', status);
  }

  /** The stream begins: what comes later is told. */
  start(): void {
    this.#told = this.#server.log.length;
    this.#isStarted = true;
    this.become({ state: 'live' });
    this.emit('reload', { reason: 'started' });
  }

  /** The stream could not go on: what was not told is never told. */
  reload(reason: ReloadReason, isMissing: boolean): void {
    if (!this.#isStarted) return;
    if (isMissing) this.#told = this.#server.log.length;
    this.emit('reload', { reason });
  }

  /** What is still to be told. */
  get untold(): readonly TaskEvent[] {
    return !this.#isStarted ? [] : this.#server.log.slice(this.#told);
  }

  /** Tells the next event. Gives whether there was one. */
  tell(): boolean {
    const [event] = this.untold;
    if (event === undefined) return false;
    this.#told += 1;
    // As it is parsed from the wire: another object each time.
    this.emit('task', structuredClone(event));
    return true;
  }

  /** The server does what the request asks for, if it has not. */
  execute(request: RequestUnderWay): void {
    if (request.result !== undefined) return;
    try {
      const answer = this.#server.handle(request);
      request.result = () => structuredClone(answer);
    } catch (error) {
      request.result = () => {
        throw error;
      };
    }
  }

  /** The answer arrives. */
  answer(request: RequestUnderWay): void {
    this.execute(request);
    request.isAnswered = true;
    try {
      request.answer.resolve(request.result!());
    } catch (error) {
      request.answer.reject(error);
    }
  }

  /** An error arrives in place of the answer; whether the server has done, or will do, what was asked is open. */
  fail(request: RequestUnderWay, error: Error): void {
    request.isAnswered = true;
    request.answer.reject(error);
  }

  /** Requests that wait for their answer. */
  get waiting(): RequestUnderWay[] {
    return this.requests.filter(({ isAnswered }) => !isAnswered);
  }
}

/** All that has been resolved goes on. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
