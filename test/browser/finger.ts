import type { CDPSession, Locator, Page } from 'playwright-core';

/** A place on a page; pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The middle of what is on the page. */
export async function middleOf(element: Locator): Promise<Point> {
  const { x, y, width, height } = (await element.boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

/**
 * Resolves when clicks work again after a drag: dnd-kit keeps the click that ends it from the page by taking all clicks
 * for 50 ms. A timer that starts later and is as long ends after that one.
 */
async function clicksAgain(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
}

/** Lets go of what the mouse drags. */
export async function dropByMouse(page: Page): Promise<void> {
  await page.mouse.up();
  await clicksAgain(page);
}

/** One finger on a page that has touch, with which the browser does what it does with any. */
export class Finger {
  readonly #page: Page;
  readonly #session: CDPSession;
  #at: Point = { x: 0, y: 0 };

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async on(page: Page): Promise<Finger> {
    return new Finger(page, await page.context().newCDPSession(page));
  }

  async press(point: Point): Promise<void> {
    this.#at = point;
    await this.#send('touchStart', point);
  }

  /** Goes there in steps, as fingers do. */
  async moveTo(point: Point): Promise<void> {
    for (const at of this.#steps(point)) await this.#send('touchMove', at);
  }

  /** Strokes the page, without a rest at the beginning however slow the machine is. */
  async swipe(from: Point, to: Point): Promise<void> {
    const pressed = this.press(from);
    const moved = this.#steps(to).map((at) => this.#send('touchMove', at));
    await Promise.all([pressed, ...moved, this.lift()]);
  }

  async lift(): Promise<void> {
    await this.#send('touchEnd');
    await clicksAgain(this.#page);
  }

  #steps({ x, y }: Point): readonly Point[] {
    const from = this.#at;
    this.#at = { x, y };
    return [1, 2, 3, 4, 5, 6, 7, 8].map((step) => ({
      x: from.x + ((x - from.x) * step) / 8,
      y: from.y + ((y - from.y) * step) / 8,
    }));
  }

  async #send(type: 'touchStart' | 'touchMove' | 'touchEnd', point?: Point): Promise<void> {
    await this.#session.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
  }
}
