import { readFileSync } from 'node:fs';

const [url, token, mode] = process.argv.slice(2);

/** What the command line says: where to connect, with which token, and whether the client is left as it comes. */
export const request = {
  url,
  token,
  urlWithToken: `${url}?token=${encodeURIComponent(token)}`,
  isBare: mode === 'bare',
};

/** The names of control events, which EventSource wants one by one. */
export const controlEvents = ['resume', 'ping', 'handover', 'end'];

/** The version of an installed package. */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version;
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Says which client this is; to be called first. */
export function started(version) {
  print({ kind: 'started', version });
}

/** Says that the client has dispatched a message. */
export function message(event, id, data) {
  print({ kind: 'message', event: event || 'message', id: id ?? '', data });
}

/** Says that the client will not come back by itself, and why: a status, mostly. */
export function stopped(why) {
  print({ kind: 'stopped', why: String(why) });
}

/** Resolves when whoever started this program has closed its input: the time to end. */
export function asked() {
  return new Promise((resolve) => {
    process.stdin.on('end', resolve).on('error', resolve).resume();
  });
}

/** Prints what any EventSource dispatches. `statusOf` finds a status in its `error` event. */
export function follow(source, statusOf = (error) => error.code ?? error.status) {
  const show = ({ type, lastEventId, data }) => message(type, lastEventId, data);
  for (const type of ['message', ...controlEvents]) source.addEventListener(type, show);
  source.addEventListener('error', (error) => {
    if (source.readyState === 2) stopped(statusOf(error) ?? 'closed');
  });
}
