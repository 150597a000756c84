import { html } from 'lit-html';

/**
 * A table with a title for each column.
 * @param rows a `<tr>` each.
 */
export function tableOf(titles: readonly string[], rows: unknown): unknown {
  return html`<table>
    <thead>
      <tr>
        ${titles.map((title) => html`<th scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
