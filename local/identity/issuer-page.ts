import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { sendMessage } from '../gateway/function-response.ts';

const dashboard = path.join(import.meta.dirname, '..', '..', 'dashboard');

/** Beside the colours, type and controls of the board, which these pages share. */
const ownStyle = `
body { display: grid; align-content: start; justify-items: center; padding: 4rem 1rem; }
main { width: min(22rem, 100%); padding: 1.5rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); overflow-wrap: anywhere; }
h1 { display: flex; align-items: center; gap: 0.5rem; margin-bottom: 0.5rem; font-size: 1.25rem; }
h1 svg { width: 1.5rem; }
p { margin-bottom: 1rem; color: var(--muted); }
form { display: grid; gap: 0.75rem; }
label:not(.check) { display: grid; gap: 0.25rem; color: var(--muted); font-size: 0.8125rem; }
label:not(.check) input { color: var(--text); font-size: 0.9375rem; }
`;

/**
 * Answers with a page of the development issuer.
 * @param body HTML, below the heading.
 */
export function sendIssuerPage(response: ServerResponse, status: number, title: string, body: string): void {
  const style = readFileSync(path.join(dashboard, 'styles', 'base.css'), 'utf8') + ownStyle;
  const icon = readFileSync(path.join(dashboard, 'public', 'icon.svg'), 'utf8');
  const hash = createHash('sha256').update(style).digest('base64');
  response.writeHead(status, {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-type': 'text/html; charset=utf-8',
    // Without form-action, which would also hold for where the form's answer leads.
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`,
  }).end(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · Taskwire (development)</title>
    <style>${style}</style>
  </head>
  <body>
    <main>
      <h1>${icon}${title}</h1>
      ${body}
    </main>
  </body>
</html>
`);
}

/** Says what is wrong with a request: to people as a page, to programs as JSON. */
export function sendIssuerFault(request: IncomingMessage, response: ServerResponse, fault: string): void {
  if (!request.headers.accept?.includes('text/html')) return sendMessage(response, 400, fault);
  sendIssuerPage(
    response,
    400,
    'This sign-in cannot go on',
    `<p role="alert">The page that led here has asked for it in a wrong way: ${fault}.</p>
      <p>Go back to the board, and sign in again.</p>`,
  );
}

/** The form in which whoever signs in says who they are. */
export const signInForm = `<p>The development issuer of this machine: say who you are.</p>
      <form method="post">
        <label>User <input name="user" required value="alice" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>
        <label>Workspace <input name="workspace" value="default" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>
        <label class="check"><input name="admin" type="checkbox" /> Admin</label>
        <label>Seconds that a token is good for <input name="seconds" type="number" value="3600" /></label>
        <button class="primary">Sign in</button>
      </form>`;
