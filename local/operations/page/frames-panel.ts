import { html, render } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { SentFrame } from '../recent-frames.ts';
import { partOfPage, timeOf } from './part-of-page.ts';
import { tableOf } from './table.ts';

const titles = ['sent', 'to', 'event', 'bytes', 'data'];

/** Shows the frames that clients were sent last, the newest first. */
export function showFrames(frames: readonly SentFrame[]): void {
  render(
    frames.length === 0
      ? html`<p class="muted">None yet.</p>`
      : tableOf(
          titles,
          repeat(frames, ({ number }) => number, rowOf),
        ),
    partOfPage('frames'),
  );
}

function rowOf({ at, transport, client, event, id, bytes, data }: SentFrame): unknown {
  return html`<tr>
    <td>${timeOf(at)}</td>
    <td>${transport} ${client}</td>
    <td>${event}</td>
    <td class="number">${bytes}</td>
    <td>
      <details>
        <summary><code>${data.slice(0, 120)}</code></summary>
        <pre>${data}</pre>
        <p class="muted">id ${id ?? '(none)'}</p>
      </details>
    </td>
  </tr>`;
}
