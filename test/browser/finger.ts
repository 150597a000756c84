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

/** One finger on a page that has touch, with which the browser does what it does with any. */
export class Finger {
  readonly #session: CDPSession;
  #at: Point = { x: 0, y: 0 };

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async on(page: Page): Promise<Finger> {
    return new Finger(await page.context().newCDPSession(page));
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
