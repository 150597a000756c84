import type { ServerResponse } from 'node:http';
import type { AnswerHead, HostAnswer } from './host.ts';

/** The answer to a request of Node's HTTP server. */
export class HttpAnswer implements HostAnswer {
  readonly broken: Promise<void>;
  readonly #response: ServerResponse;

  /**
   * Sends status and headers.
   * @param opening is sent with them, before anything else.
   */
  constructor(response: ServerResponse, { statusCode, headers }: AnswerHead, opening = '') {
    this.#response = response;
    // Without a listener a connection that breaks would end the whole process.
    response.on('error', () => undefined);
    this.broken = new Promise((resolve) => {
      response.once('close', resolve);
      // Its client may have left before the answer began.
      if (response.destroyed) resolve();
    });
    response.writeHead(statusCode, headers);
    if (opening === '') response.flushHeaders();
    else response.write(opening);
  }

  write(text: string): Promise<void> | undefined {
    const response = this.#response;
    if (response.write(text) || response.destroyed) return undefined;
    return new Promise((resolve) => {
      response.once('drain', resolve);
    });
  }

  end(): void {
    this.#response.end();
  }

  async closed(patience: Promise<void>): Promise<void> {
    await Promise.race([this.broken, patience]);
    if (!this.#response.writableFinished) this.#response.destroy();
  }

  closedByHost(patience: Promise<void>): Promise<void> {
    return this.closed(patience);
  }
}
