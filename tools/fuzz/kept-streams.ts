import { paths } from '../../protocol/routes.ts';
import { establishedType } from '../../protocol/frames.ts';
import { setTimeout as wait } from 'node:timers/promises';
import type { TokenRequest } from '../../local/identity/token-request.ts';
import type { LocalStack } from '../../local/stack.ts';
import type { Frame } from '../smoke/frame-parser.ts';
import { FrameParser } from '../smoke/frame-parser.ts';
import { keepers } from './people.ts';

/** The most cursors that are remembered of one user's streams. */
const mostCursors = 50;

/** Stands for the reason of a stream that has ended without one. */
export const brokenOff = 'broken off';

/** One user's stream, which is opened again whenever it has ended. */
export class KeptStream {
  readonly who: TokenRequest;
  /** Of the stream that is open, or was last; so is the token. */
  connectionId = '00000000-0000-4000-8000-000000000000';
  token = '';
  /** Those given so far, the newest last. */
  readonly cursors: string[] = [];
  /** Why the streams have ended → how many. */
  readonly ends: Record<string, number> = {};
  readonly #stack: LocalStack;
  readonly #over = new AbortController();
  readonly #established = Promise.withResolvers<void>();
  #tokens = 0;

  constructor(stack: LocalStack, who: TokenRequest) {
    this.#stack = stack;
    this.who = who;
  }

  /**
   * Opens streams, one after the other.
   * @returns when the first is established.
   */
  async start(): Promise<void> {
    // What ends it is the abort, also while it waits.
    this.#keep().catch(() => undefined);
    await this.#established.promise;
  }

  /** Leaves the stream for good. */
  close(): void {
    this.#over.abort();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch {
        if (signal.aborted) return;
        this.#count(brokenOff);
        await untilNextSecond(signal);
      }
    }
  }

  /** Follows one stream to its end. Its token is like no other: an admin who ends the stream revokes it. */
  async #follow(signal: AbortSignal): Promise<void> {
    this.#tokens += 1;
    this.token = await this.#stack.issuer.sign({ ...this.who, expiresIn: 3600 + this.#tokens });
    const query = new URLSearchParams({ lease: '300', lastEventId: this.cursors.at(-1) ?? '' });
    const response = await fetch(`${this.#stack.url}${paths.stream}?${query}`, {
      headers: { authorization: `Bearer ${this.token}` },
      signal,
    });
    if (response.status !== 200) {
      await response.text();
      // Revoked: a token of the next second is good again.
      return untilNextSecond(signal);
    }
    const parser = new FrameParser();
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      for (const frame of parser.push(decoder.decode(chunk, { stream: true }))) this.#hear(frame);
    }
  }

  #hear({ id, event, data }: Frame): void {
    const { type, connectionId, reason } = data as { type?: string; connectionId?: string; reason?: string };
    if (id !== undefined) this.cursors.push(id);
    if (this.cursors.length > mostCursors) this.cursors.shift();
    if (event === 'end' && reason !== undefined) this.#count(reason);
    if (type !== establishedType || connectionId === undefined) return;
    this.connectionId = connectionId;
    this.#established.resolve();
  }

  #count(reason: string): void {
    this.ends[reason] = (this.ends[reason] ?? 0) + 1;
  }
}

/** Issuers tell the time in whole seconds. */
function untilNextSecond(signal: AbortSignal): Promise<void> {
  return wait(1000 - (Date.now() % 1000), undefined, { signal });
}

/** Opens the streams that are kept through a run. */
export async function keepStreams(stack: LocalStack): Promise<readonly KeptStream[]> {
  const streams = keepers.map((who) => new KeptStream(stack, who));
  await Promise.all(streams.map((stream) => stream.start()));
  return streams;
}
