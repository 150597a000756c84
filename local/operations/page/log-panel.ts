import { html, render } from 'lit-html';
import { partOfPage } from './part-of-page.ts';

/** Shows the log of the workspace that is asked for, as `npm run log` does. */
export function followLog(): void {
  const form = partOfPage('log-form') as HTMLFormElement;
  const field = form.elements.namedItem('workspace') as HTMLInputElement;
  const output = partOfPage('log');
  field.addEventListener('focus', () => {
    void suggest();
  });
  const look = async (): Promise<void> => {
    output.setAttribute('aria-busy', 'true');
    output.textContent = await readText(`log?workspace=${encodeURIComponent(field.value)}`);
    output.setAttribute('aria-busy', 'false');
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void look();
  });
}

/** Offers the workspaces that have a log. */
async function suggest(): Promise<void> {
  const workspaces = JSON.parse(await readText('workspaces')) as readonly string[];
  render(
    workspaces.map((name) => html`<option value=${name}></option>`),
    partOfPage('workspaces'),
  );
}

async function readText(path: string): Promise<string> {
  const response = await fetch(path);
  return response.text();
}
