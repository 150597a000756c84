import { html, render } from 'lit-html';
import type { OperatorsView, ShownConnection } from '../view.ts';
import { partOfPage, timeOf } from './part-of-page.ts';
import { tableOf } from './table.ts';

const titles = ['workspace', 'user', 'transport', 'since', 'ends at the latest', 'connection'];

/** Shows open streams and WebSockets. */
export function showConnections({ connections, functions }: OperatorsView): void {
  const processes = functions.map(({ name, running }) => `${name} ${running}`).join(', ');
  render(
    html`
      ${
        connections.length === 0
          ? html`<p class="muted">None. Open the <a href="/">board</a> in another tab.</p>`
          : tableOf(titles, connections.map(rowOf))
      }
      <p class="muted">Invocations that run: ${processes}.</p>
    `,
    partOfPage('connections'),
  );
}

function rowOf({ workspace, user, id, transport, connectedAt, deadline, ended }: ShownConnection): unknown {
  return html`<tr>
    <td>${workspace}</td>
    <td>${user}</td>
    <td>${transport}</td>
    <td>${timeOf(connectedAt)}</td>
    <td>${timeOf(deadline)}${ended === undefined ? '' : ` (asked to end: ${ended})`}</td>
    <td><code>${id}</code></td>
  </tr>`;
}
