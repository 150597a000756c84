import type { Transport, TransportListener, TransportRequest } from './transport.ts';

/** Makes a transport. */
export type TransportClass = new (request: TransportRequest, listener: TransportListener) => Transport;

/** A transport whose code is loaded when it is first used: most pages need one of them only. */
export class LazyTransport implements Transport {
  readonly isByToken = false;
  #transport: Transport | undefined;
  #isClosed = false;

  constructor(load: () => Promise<TransportClass>, request: TransportRequest, listener: TransportListener) {
    this.#load(load, request, listener).catch(
      (error: unknown) => this.#isClosed || listener.onEnd({ error }),
    );
  }

  async #load(
    load: () => Promise<TransportClass>,
    request: TransportRequest,
    listener: TransportListener,
  ): Promise<void> {
    const Loaded = await load();
    if (!this.#isClosed) this.#transport = new Loaded(request, listener);
  }

  get isClosedForServer(): boolean {
    return this.#transport?.isClosedForServer !== false;
  }

  isDead(isDoubted: boolean): boolean {
    return this.#transport?.isDead(isDoubted) === true;
  }

  pinged(timestamp: string, isFirst: boolean): void {
    this.#transport?.pinged(timestamp, isFirst);
  }

  close(): void {
    this.#isClosed = true;
    this.#transport?.close();
  }
}
