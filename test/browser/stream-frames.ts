import type { Page } from 'playwright-core';
import { createParser } from 'eventsource-parser';
import { Conditions } from '../../faults/board/conditions.ts';
import { waitUntil } from '../wait-until.ts';

/** A frame as the browser had it from the network. */
interface SeenFrame {
  /** The name of its SSE event, or of the task event in it. */
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

/**
 * The frames of all streams that a page has had, as its browser saw them: those of its connection and of tasks. Pings come
 * by the clock, and what others do or type comes between.
 */
export class StreamFrames {
  readonly frames: SeenFrame[] = [];
  readonly #conditions = new Conditions();

  /** Follows the streams of a page that has not opened one yet. */
  static async of(page: Page): Promise<StreamFrames> {
    const opened = new StreamFrames();
    const browser = await page.context().newCDPSession(page);
    const streams = new Map<string, (base64: string) => void>();
    const follow = async (requestId: string): Promise<void> => {
      // What comes while the browser answers is after what it answers.
      const early: string[] = [];
      streams.set(requestId, (data) => early.push(data));
      const { bufferedData } = await browser.send('Network.streamResourceContent', { requestId });
      const feed = opened.#newStream();
      for (const data of [bufferedData, ...early]) feed(data);
      streams.set(requestId, feed);
    };
    browser.on('Network.responseReceived', ({ requestId, response }) => {
      // One that has ended before can be followed no more.
      if (response.mimeType === 'text/event-stream') follow(requestId).catch(() => streams.delete(requestId));
    });
    browser.on('Network.dataReceived', ({ requestId, data }) => {
      if (data !== undefined) streams.get(requestId)?.(data);
    });
    await browser.send('Network.enable');
    return opened;
  }

  /** Their types, in the order in which they came. */
  get types(): readonly string[] {
    return this.frames.map(({ type }) => type);
  }

  /** The frames of one type. */
  of(type: string): readonly SeenFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Resolves when so many frames of a type have come. @throws {Error} when they never do. */
  async has(type: string, count = 1): Promise<void> {
    await waitUntil(
      this.#conditions,
      () => this.of(type).length >= count,
      () => this.types,
    );
  }

  #newStream(): (base64: string) => void {
    const parser = createParser({
      onEvent: ({ event, id = '', data }) => {
        const type = event ?? (JSON.parse(data) as { readonly type: string }).type;
        if (type === 'ping' || /^(presence|typing)\./.test(type)) return;
        this.frames.push({ type, id, data });
        this.#conditions.check();
      },
    });
    const decoder = new TextDecoder();
    return (base64) => parser.feed(decoder.decode(Buffer.from(base64, 'base64'), { stream: true }));
  }
}
