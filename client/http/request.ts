import type { ErrorBody } from '../../protocol/errors.ts';

/** An answer that takes longer is lost: the gateway before the functions gives up after 30 s. */
const answerMs = 30_000;

export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Stable, as in docs/PROTOCOL.md; `http_<status>` where the answer had none. */
  readonly code: string;
  /** For the user. */
  readonly message: string;
  /** What the server asks to wait before another attempt. */
  readonly retryAfterMs?: number | undefined;
  /** Whether the same request may succeed later; by its status unless it is said. */
  readonly isPassing?: boolean | undefined;
}

/** A request that was answered with an error; the message is for the user. */
export class RequestRefused extends Error implements Refusal {
  override readonly name = 'RequestRefused';
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly isPassing: boolean;

  constructor({ status, code, message, retryAfterMs, isPassing }: Refusal) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.isPassing = isPassing ?? (status === 429 || status >= 500);
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
  url: string,
  init: RequestInit & { readonly signal: AbortSignal },
): Promise<unknown> {
  let response: Response;
  let body: unknown;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answerMs);
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.any([init.signal, late.signal]) });
    body = parse(await response.text());
  } catch {
    init.signal.throwIfAborted();
    throw new ServerUnreachable('The server does not answer.');
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw refusalOf(response, body);
  return body;
}

/**
 * What an answer that is an error says. The functions answer `{error, code}`; the gateway before them and the development
 * issuer answer `{message}`.
 * @param body JSON of the answer, undefined where it had none.
 */
export function refusalOf({ status, headers }: Response, body: unknown): RequestRefused {
  const { error, code, message } = (body ?? {}) as Partial<ErrorBody & { readonly message: string }>;
  const said = error ?? message ?? 'The request failed.';
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return new RequestRefused({
    status,
    code: code ?? `http_${status}`,
    message: code === undefined ? `${said} (HTTP ${status})` : `${said} (${code}, HTTP ${status})`,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  });
}

/** JSON, or undefined where it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
