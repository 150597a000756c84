import { join } from 'node:path';

/** A client that others have written, and the program in this directory that drives it. */
export interface Client {
  readonly name: string;
  readonly language: string;
  /** What the table says where the version is the machine's. */
  readonly version?: string;
  /** What runs the driver; URL and token follow. */
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** What a program that uses it has to add, as the driver does; Markdown, one line. Empty for nothing. */
  readonly needs: string;
}

const installed = join(import.meta.dirname, '../../.taskwire/clients');
const node = (file: string, ...flags: string[]): Client['command'] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  ...flags,
  join(import.meta.dirname, 'node', file),
];
const python = (file: string): Client['command'] => [
  join(installed, 'python/bin/python'),
  '-B',
  '-W',
  'ignore',
  join(import.meta.dirname, 'python', file),
];

const ownReturn =
  'to come back by itself, after `retry:`, with the id of the last message as `Last-Event-ID`';
const ownStop = 'to stop at 204 and 401';

/** The clients that `npm run check:clients` runs; docs/CLIENTS.md has a row for each. */
export const clients: readonly Client[] = [
  {
    name: 'EventSource of Chromium',
    language: 'browser',
    version: 'the current one',
    command: node('chromium.mjs'),
    needs: '',
  },
  {
    name: 'EventSource of Node (undici)',
    language: 'Node',
    command: node('undici.mjs', '--experimental-eventsource'),
    needs: '',
  },
  {
    name: '`eventsource`',
    language: 'Node',
    command: node('eventsource.mjs'),
    needs: '',
  },
  {
    name: '`eventsource` 2',
    language: 'Node',
    command: node('eventsource-2.mjs'),
    needs:
      'a new one after each `error`, with the id of the last message: it keeps half a frame over a reconnect, and an id before its frame is whole',
  },
  {
    name: '`@microsoft/fetch-event-source`',
    language: 'browser, Node',
    command: node('fetch-event-source.mjs'),
    needs: `an \`onclose\` that throws, so that it comes back; an \`onopen\` and \`onerror\` that stop at 204 and 401; a \`fetch\` that sends the id of the last message: its own is that of a frame that may not be whole`,
  },
  {
    name: '`eventsource-client`',
    language: 'browser, Node',
    command: node('eventsource-client.mjs'),
    needs: 'a `fetch` that closes it at 401, which it repeats',
  },
  {
    name: '`httpx-sse`',
    language: 'Python',
    command: python('httpx_sse_driver.py'),
    needs: `${ownReturn}; ${ownStop}`,
  },
  {
    name: '`sseclient`',
    language: 'Python',
    command: python('sseclient_driver.py'),
    needs:
      'a subclass that forgets half a frame at a reconnect, decodes UTF-8 and HTTP chunks, comes back when a connection is refused too, and stops at 204',
  },
  {
    name: '`sseclient-py`',
    language: 'Python',
    command: python('sseclient_py_driver.py'),
    environment: { PYTHONPATH: join(installed, 'sseclient-py') },
    needs: `${ownReturn}; ${ownStop}; to be given whole frames only: it dispatches half of one when an answer ends`,
  },
  {
    name: '`github.com/r3labs/sse`',
    language: 'Go',
    command: [join(installed, 'go/r3labs')],
    needs: `to subscribe again when it returns, after \`retry:\`; ${ownStop} (\`ResponseValidator\`); a transport that hands over whole frames only: it dispatches half of one when an answer ends`,
  },
  {
    name: '`bufio.Scanner`, lines by hand',
    language: 'Go',
    version: 'any',
    command: [join(installed, 'go/scanner')],
    needs: `${ownReturn}; ${ownStop}`,
  },
];
