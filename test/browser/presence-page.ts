import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import type { TestStack, Who } from '../end-to-end/stack.ts';
import type { PlainBrowser } from './plain-browser.ts';

/** What a page of the test was told, and its cursor then. */
interface Told {
  readonly data: { readonly type: string } & { readonly userId?: string; readonly taskId?: number };
  readonly lastEventId: string;
}

/** Many times what anything takes here. Milliseconds. */
const patienceMs = 60_000;

/** What the stack serves as its own page. */
export const pageDirectory = fileURLToPath(new URL('presence', import.meta.url));

/** What the test looks at of a user. */
type Shown = Pick<Viewer, 'state' | 'tasks'>;

export interface PageOptions {
  /** What tells it of others; nothing, when it is left out. */
  readonly transport?: 'stream' | 'socket';
  /** The task that is open on it. */
  readonly taskId?: number | undefined;
  /** Seconds. */
  readonly lease?: number;
}

/** A page of a user in a browser of its own, which says that it is there, and what it is told of others. */
export class PresencePage {
  readonly page: Page;
  readonly told: Told[] = [];
  readonly #conditions = new Conditions();

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens a page in front of all others of its browser; resolves when it has said that it is there. */
  static async open(
    stack: TestStack,
    { tabs }: PlainBrowser,
    who: Who,
    options: PageOptions = {},
  ): Promise<PresencePage> {
    const opened = new PresencePage(await tabs.newPage());
    const { page } = opened;
    await page.exposeFunction('report', (data: string, lastEventId: string) => {
      opened.told.push({ data: JSON.parse(data) as Told['data'], lastEventId });
      opened.#conditions.check();
    });
    await page.goto(`${stack.local.url}/`);
    await page.bringToFront();
    const token = await stack.local.issuer.sign(who);
    await page.evaluate(`begin(${JSON.stringify({ viewId: randomUUID(), lease: 60, token, ...options })})`);
    if (options.transport !== undefined) await opened.hears(({ type }) => type === 'presence.snapshot');
    await opened.says();
    return opened;
  }

  /** Says how it is seen, and at which task; the one before when none is given. */
  async says(taskId?: number): Promise<void> {
    await this.#call(`say(${taskId ?? ''})`);
  }

  async types(taskId: number, typing = true): Promise<void> {
    const path = `/tasks/${taskId}/typing`;
    await this.#call(`post('${path}', { typing: ${typing} })`);
  }

  async #call(code: string): Promise<void> {
    const status = await this.page.evaluate(code);
    if (status !== 200) throw new Error(`${code} was answered ${String(status)}`);
  }

  /** Resolves when it was told something like this. @throws {Error} when it never is. */
  async hears(isIt: (data: Told['data']) => boolean): Promise<void> {
    const isTold = (): boolean => this.told.some(({ data }) => isIt(data));
    if (await this.#conditions.until(isTold, patienceMs)) return;
    throw new Error(`it was told ${JSON.stringify(this.told.map(({ data }) => data))}`);
  }

  /** How it shows a user, when it has been given time to show it like this; undefined for one who is not there. */
  async shown(userId: string, expected: Shown | undefined): Promise<Shown | undefined> {
    const shown = (): Shown | undefined => {
      const viewer = this.viewers.get(userId);
      return viewer && { state: viewer.state, tasks: viewer.tasks };
    };
    const isShown = (): boolean => JSON.stringify(shown()) === JSON.stringify(expected);
    await this.#conditions.until(isShown, patienceMs);
    return shown();
  }

  /** Who is there, by what it was told. */
  get viewers(): ReadonlyMap<string, Viewer> {
    const viewers = new Map<string, Viewer>();
    for (const { data } of this.told) {
      const event = data as AwarenessEvent;
      if (event.type === 'presence.snapshot') {
        viewers.clear();
        for (const viewer of event.viewers) viewers.set(viewer.userId, viewer);
      } else if (event.type === 'presence.left') viewers.delete(event.userId);
      else if (event.type === 'presence.joined' || event.type === 'presence.updated')
        viewers.set(event.userId, event);
    }
    return viewers;
  }
}
