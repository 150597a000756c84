import type { OpenConnectionCount } from '../../core/observer.ts';
import { countOpen, CountTimeout, Gauge } from '../../lambdas/gauge/gauge.ts';
import type { Item } from '../../lambdas/shared/dynamodb/items.ts';
import { troubleKind } from '../../lambdas/shared/signals/trouble.ts';

const now = 1_800_000_000_000;
const later = now + 1;
const socket = 'L0SM9cOFvHcCIhw=';

async function* pagesOf(...pages: readonly (readonly Item[])[]): AsyncIterable<readonly Item[]> {
  yield* pages;
}

describe('what is counted as open', () => {
  it.each<readonly [string, Item, OpenConnectionCount]>([
    ['a stream', { deadline: later }, { stream: 1, socket: 0 }],
    ['a WebSocket', { deadline: later, socket }, { stream: 0, socket: 1 }],
    ['not a stream whose time is over', { deadline: now }, { stream: 0, socket: 0 }],
    ['not a WebSocket whose time is over', { deadline: now, socket }, { stream: 0, socket: 0 }],
    ['not a stream that must end', { deadline: later, ended: 'deploy' }, { stream: 0, socket: 0 }],
    [
      'a WebSocket that must end, until it is closed',
      { deadline: later, ended: 'deploy', socket },
      { stream: 0, socket: 1 },
    ],
    ['nothing without a deadline', { socket, ended: 'deploy' }, { stream: 0, socket: 0 }],
    ['nothing whose deadline is no time', { deadline: '9999999999999' }, { stream: 0, socket: 0 }],
  ])('is %s', async (_, item, count) => {
    expect(await countOpen(pagesOf([item]), now)).toEqual(count);
  });

  it('is that of all pages, empty ones too', async () => {
    const [stream, webSocket] = [{ deadline: later }, { deadline: later, socket }];
    const pages = pagesOf([stream, webSocket, stream], [], [webSocket, stream]);
    expect(await countOpen(pages, now)).toEqual({ stream: 3, socket: 2 });
    expect(await countOpen(pagesOf(), now)).toEqual({ stream: 0, socket: 0 });
  });
});

describe('the gauge', () => {
  /** What one run tells. */
  async function told(
    pages: (signal: AbortSignal) => AsyncIterable<readonly Item[]>,
    scanMs: number,
  ): Promise<readonly unknown[]> {
    const heard: unknown[] = [];
    const observer = {
      counted: (open: OpenConnectionCount) => void heard.push(open),
      trouble: (what: string, error: unknown) => void heard.push(what, error),
    };
    await new Gauge({ pages, observer, clock: { now: () => now }, scanMs }).run();
    return heard;
  }

  it('tells what it has counted once it has seen all', async () => {
    expect(await told(() => pagesOf([{ deadline: later }], []), 60_000)).toEqual([{ stream: 1, socket: 0 }]);
  });

  it('tells no number where its time is over before the last page, but trouble that passes', async () => {
    const heard = await told(async function* (signal) {
      yield [{ deadline: later }];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      // As the SDK does.
      throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    }, 1);
    expect(heard).toEqual(['open connections cannot be counted', new CountTimeout('not in 1 ms')]);
    expect(troubleKind(heard[1])).toBe('passing');
  });

  it('tells no number where the table cannot be read, but why', async () => {
    const denied = new Error('not allowed');
    const heard = await told(async function* () {
      yield [{ deadline: later }];
      throw denied;
    }, 60_000);
    expect(heard).toEqual(['open connections cannot be counted', denied]);
    expect(heard[1]).toBe(denied);
    expect(troubleKind(denied)).toBe('lasting');
  });
});
