import type { StreamFrame } from '../client/index.ts';
import { copyTemplate, pageElement } from './page-element.ts';

const mostFrames = 200;
const longestData = 300;

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});

/** The frames of the stream as they arrive, the newest first. */
export class FramePanel {
  readonly #list = pageElement('frames', HTMLOListElement);
  readonly #count = pageElement('frame-count', HTMLElement);
  readonly #clear = pageElement('clear-frames', HTMLButtonElement);
  #received = 0;

  constructor() {
    this.#clear.addEventListener('click', () => this.clear());
    this.clear();
  }

  /** Shows a frame; the oldest makes room. */
  add({ id, name, data }: StreamFrame): void {
    const type = name === 'message' ? (JSON.parse(data) as { readonly type: string }).type : name;
    const { root, part } = copyTemplate('frame-template');
    const now = new Date();
    const time = part('time', HTMLTimeElement);
    time.dateTime = now.toISOString();
    time.textContent = timeFormat.format(now);
    part('type', HTMLElement).textContent = type;
    part('id', HTMLElement).textContent = id === '' ? '(no id)' : id;
    part('data', HTMLElement).textContent =
      data.length > longestData ? `${data.slice(0, longestData)}…` : data;
    root.dataset['type'] = type;
    this.#list.prepend(root);
    while (this.#list.childElementCount > mostFrames) this.#list.lastElementChild?.remove();
    this.#received += 1;
    this.#showCount();
  }

  /** Forgets all frames. */
  clear(): void {
    this.#list.replaceChildren();
    this.#received = 0;
    this.#showCount();
  }

  #showCount(): void {
    const shown = this.#list.childElementCount;
    this.#count.textContent =
      this.#received > shown ? `${this.#received} received, the last ${shown} shown` : `${shown} received`;
    this.#clear.disabled = shown === 0;
  }
}
