import type { Browser, Route } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';

const alice = { sub: 'alice', workspace: 'reconnect' };
const blankPage = { contentType: 'text/html', body: '<!doctype html><title>Reconnect</title>' };

const retryMs = '200';

/** A frame as a page's EventSource gives it. */
interface SeenFrame {
  readonly name: string;
  readonly id: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look at the JSON as a client would
  readonly data: any;
}

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  const environment = { SESSION_SECONDS: '3', RETRY_MIN_MS: retryMs, RETRY_MAX_MS: retryMs };
  [stack, browser] = await Promise.all([TestStack.start({ environment }), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/**
 * Opens an EventSource in a page; gives what it has seen and a way to wait for more. When it comes back by itself, it is
 * held until `letBack` is called.
 */
async function openEventSource(): Promise<{
  frames: readonly SeenFrame[];
  letBack: () => void;
  until: (condition: (frames: readonly SeenFrame[]) => boolean) => Promise<void>;
}> {
  const frames: SeenFrame[] = [];
  let onFrame = (): void => {};
  const page = await browser.newPage();
  await page.exposeFunction('report', (name: string, id: string, data: string) => {
    frames.push({ name, id, data: JSON.parse(data) as unknown });
    onFrame();
  });
  await page.route('**/blank', (route) => route.fulfill(blankPage));
  const { promise: mayComeBack, resolve: letBack } = Promise.withResolvers<void>();
  let isFirst = true;
  const pass = async (route: Route): Promise<void> => {
    if (!isFirst) await mayComeBack;
    isFirst = false;
    await route.continue();
  };
  // Twice only: a third time may come when the test is over and the page gone.
  await page.route('**/sse/connect?*', pass, { times: 2 });
  await page.goto(`${stack.local.url}/blank`);
  const token = await stack.local.issuer.sign(alice);
  await page.addScriptTag({
    content: `const source = new EventSource('/sse/connect?token=${token}');
      for (const name of ['message', 'resume', 'end']) {
        source.addEventListener(name, (event) => report(name, event.lastEventId, event.data));
      }`,
  });
  return {
    frames,
    letBack,
    until: (condition) =>
      new Promise((resolve) => {
        onFrame = () => {
          if (condition(frames)) resolve();
        };
        onFrame();
      }),
  };
}

const isEstablished = ({ data }: SeenFrame): boolean => data.type === 'connection.established';
const namesOf = (frames: readonly SeenFrame[]): string[] =>
  frames.flatMap(({ data }) => (data.type === 'task.created' ? [data.task.name as string] : []));

/** Writes tasks one after the other; gives when the last was answered, epoch milliseconds. */
async function write(names: readonly string[]): Promise<number> {
  for (const name of names) {
    expect((await stack.request(alice, 'POST', '/tasks', { name })).status).toBe(201);
  }
  return Date.now();
}

describe('EventSource after the clean end of a session', () => {
  it('reconnects by itself with its cursor: what was written in between arrives exactly once', async () => {
    const { frames, letBack, until } = await openEventSource();
    await until((seen) => seen.some(isEstablished));
    await write(['live 1', 'live 2']);
    await until((seen) => seen.some(({ name }) => name === 'end'));
    const end = frames.find(({ name }) => name === 'end')!;
    const writtenAt = await write(['between 1', 'between 2', 'between 3']);
    letBack();
    await until((seen) => seen.filter(isEstablished).length >= 2 && namesOf(seen).includes('between 3'));
    await write(['live 3']);
    await until((seen) => namesOf(seen).includes('live 3'));

    expect(end.data).toEqual({ reason: 'session_length', reconnect: true });
    // Not the last: on a slow machine there may be a third session by now.
    const second = frames.findIndex((frame, index) => index > 0 && isEstablished(frame));
    expect(Date.parse(frames[second]!.data.timestamp as string)).toBeGreaterThanOrEqual(writtenAt);
    // The end's id says besides which stream the next one comes after.
    expect(end.id).toMatch(/\.after-[0-9a-z-]+$/);
    expect(frames[second]!.id).toBe(end.id.replace(/\.after-[0-9a-z-]+$/, ''));
    expect(frames[second + 1]).toMatchObject({ name: 'resume', data: { complete: true } });
    expect(namesOf(frames)).toEqual(['live 1', 'live 2', 'between 1', 'between 2', 'between 3', 'live 3']);
  });

  it('keeps a change that comes before the first event was ever seen', async () => {
    const { frames, letBack, until } = await openEventSource();
    await until((seen) => seen.some(({ name }) => name === 'end'));
    expect(namesOf(frames)).toEqual([]);
    await write(['first ever']);
    letBack();
    await until((seen) => seen.filter(isEstablished).length >= 2 && namesOf(seen).length > 0);
    expect(namesOf(frames)).toEqual(['first ever']);
  });
});
