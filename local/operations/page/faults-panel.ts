import { html, nothing, render } from 'lit-html';
import type { OperatorsView, ShownFault } from '../view.ts';
import type { Order } from './order.ts';
import { partOfPage } from './part-of-page.ts';

/** Shows the faults, as switches, and what breaks things once, as buttons. */
export function showFaults({ faults, functions }: OperatorsView, order: Order): void {
  const send = (path: string, body: object): void => {
    order(path, body).catch((error: unknown) => {
      partOfPage('state').textContent = (error as Error).message;
    });
  };
  render(
    html`
      <ul class="faults">
        ${faults.map((fault) => switchOf(fault, send))}
      </ul>
      <p class="once">
        <button type="button" @click=${() => send('cut', {})}>Cut all connections</button>
        ${functions.map(
          ({ name }) =>
            html`<button type="button" @click=${() => send('crash', { function: name })}>
              Kill ${name}
            </button>`,
        )}
      </p>
    `,
    partOfPage('faults'),
  );
}

function switchOf(
  { name, text, look, rows, isOn, injected }: ShownFault,
  send: (path: string, body: object) => void,
): unknown {
  return html`<li>
    <button
      type="button"
      role="switch"
      aria-checked=${String(isOn)}
      @click=${() => send('faults', { name, isOn: !isOn })}
    >
      ${name}
    </button>
    <span>${text}${injected === 0 ? nothing : html` <strong>(${injected} times so far)</strong>`}</span>
    <span class="muted">Look at: ${look}. In the matrix: ${rows.join(', ')}</span>
  </li>`;
}
