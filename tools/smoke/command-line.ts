import type { Flags } from '../../commands/command-line.ts';
import { parseOrigin, UsageError } from '../../commands/command-line.ts';
import { paths } from '../../protocol/routes.ts';
import type { SmokeOptions } from './run.ts';

export const help = `npm run -s smoke -- --base-url URL --token TOKEN [options]

Tests a deployment from outside, as a client would: each endpoint, the stream, the WebSocket, tickets, resume, CORS. Makes two tasks in
the workspace of the token and removes them. Opens three streams, which a deployment on AWS pays for until their session ends.

  --base-url URL       where the API answers, e.g. https://tasks.example.com or http://localhost:8788
  --stream-url URL     where /sse/connect answers, if elsewhere: the Function URL of a stage whose edge is off
  --socket-url URL     the WebSocket, if not at /ws of --base-url: the output WebSocketUrl of a stage whose edge is off
  --token TOKEN        token of a user; or in the variable TASKWIRE_TOKEN, where other users of the machine cannot see it
  --admin-token TOKEN  token of an admin of the same workspace, for the statistics; or TASKWIRE_ADMIN_TOKEN
  --origin ORIGIN      an origin that the stage allows, to test CORS with
  --page               test the page at --base-url too: for a stage whose edge is on
  --skip-stream        leave out what needs a stream, for emulators that buffer answers
  --timeout SECONDS    time for each step (default 15)
  --json FILE          write the results there too

Exit status: 0 all steps passed, 1 a step failed, 2 wrong usage.`;

/** What the command line asks for. */
export interface SmokeCommand extends SmokeOptions {
  /** File for the results, if any. */
  readonly json: string | undefined;
}

const defaultLimitSeconds = 15;
const longestLimitSeconds = 600;

export const options = {
  'base-url': { type: 'string' },
  'stream-url': { type: 'string' },
  'socket-url': { type: 'string' },
  token: { type: 'string' },
  'admin-token': { type: 'string' },
  origin: { type: 'string' },
  page: { type: 'boolean', default: false },
  'skip-stream': { type: 'boolean', default: false },
  timeout: { type: 'string' },
  json: { type: 'string' },
} as const;

/**
 * Reads the options, and the environment's tokens.
 * @throws {UsageError}
 */
export function readSmokeCommand(
  flags: Flags<typeof options>,
  environment: Readonly<Record<string, string | undefined>>,
): SmokeCommand {
  const baseUrl = rootUrl('--base-url', flags['base-url']);
  const streamUrl = flags['stream-url'];
  return {
    baseUrl,
    streamUrl: streamUrl === undefined ? baseUrl : rootUrl('--stream-url', streamUrl),
    socketUrl: socketUrlOf(baseUrl, streamUrl, flags['socket-url']),
    token: token('--token', flags.token ?? environment['TASKWIRE_TOKEN']),
    adminToken: optionalToken('--admin-token', flags['admin-token'] ?? environment['TASKWIRE_ADMIN_TOKEN']),
    origin: flags.origin === undefined ? undefined : parseOrigin(flags.origin, '--origin'),
    page: flags.page,
    skipStream: flags['skip-stream'],
    limitMs: limitMs(flags.timeout),
    json: flags.json,
  };
}

function rootUrl(flag: string, text: string | undefined): URL {
  if (text === undefined) throw new UsageError(`${flag} is missing: ${flag} https://tasks.example.com`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRoot = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isRoot) {
    throw new UsageError(`${flag} takes scheme and host, such as https://tasks.example.com, without a path`);
  }
  return url;
}

/** With a Function URL for streams the edge is off, and the WebSocket has an address of its own too. */
function socketUrlOf(baseUrl: URL, streamUrl: string | undefined, text: string | undefined): URL | undefined {
  if (text === undefined) {
    if (streamUrl !== undefined) return undefined;
    const url = new URL(paths.webSocket, baseUrl);
    url.protocol = url.protocol.replace('http', 'ws');
    return url;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^wss?:$/.test(url.protocol)) return url;
  throw new UsageError(
    '--socket-url takes an address that begins with wss://, as the output WebSocketUrl has it',
  );
}

function optionalToken(flag: string, text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : token(flag, text);
}

/** The token itself is never part of a message. */
function token(flag: string, text: string | undefined): string {
  if (text === undefined || text === '') {
    throw new UsageError(`${flag} is missing: a JWT of the issuer; locally npm run -s token -- --sub alice`);
  }
  if (!/^[\w.~+/=-]+$/.test(text)) {
    throw new UsageError(`${flag} takes a JWT alone, without "Bearer" and without spaces`);
  }
  return text;
}

function limitMs(text: string | undefined): number {
  const seconds = text === undefined ? defaultLimitSeconds : Number(text);
  if (seconds > 0 && seconds <= longestLimitSeconds) return seconds * 1000;
  throw new UsageError(`--timeout takes seconds, above 0 and up to ${longestLimitSeconds}`);
}
