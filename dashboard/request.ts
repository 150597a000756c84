/** An answer that takes longer is lost: the gateway before the functions gives up after 30 s. */
const answerMs = 30_000;

/** A request that was answered with an error; the message is for the user. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer came: the server is down or the network is. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
}

/**
 * Sends a request and gives the JSON of its answer.
 * @throws {RequestRefused} when the status is not 2xx.
 * @throws {ServerUnreachable} when there was no answer in 30 s.
 * @throws the signal's reason when it was aborted.
 */
export async function requestJson(
  path: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<unknown> {
  let status: number;
  let body: unknown;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerMs);
  try {
    const signal = AbortSignal.any([init.signal, late.signal]);
    const response = await fetch(path, { ...init, signal });
    status = response.status;
    body = parse(await response.text());
  } catch {
    init.signal.throwIfAborted();
    throw new ServerUnreachable('The server does not answer. Is it still running?');
  } finally {
    clearTimeout(timer);
  }
  if (status < 200 || status > 299) throw new RequestRefused(status, describe(status, body));
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The functions answer `{error, code}`; the gateway before them and the issuer answer `{message}`. */
function describe(status: number, body: unknown): string {
  const { error, code, message } = (body ?? {}) as Partial<Record<'error' | 'code' | 'message', string>>;
  const said = error ?? message ?? 'the request failed';
  return code === undefined ? `${said} (HTTP ${status})` : `${said} (${code}, HTTP ${status})`;
}
