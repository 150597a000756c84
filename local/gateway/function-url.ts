import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHeaders, isPreflight, withoutCorsHeaders } from './cors.ts';
import type { CorsSettings } from './cors.ts';
import { outgoingHeaders, readFunctionResponse, sendMessage } from './function-response.ts';
import { httpEvent } from './http-event.ts';
import { BodyTooLarge, readBody } from './request-body.ts';
import type { FunctionProcess } from '../functions/function-process.ts';
import type { InvocationReceiver } from '../functions/invocation.ts';
import { throttle } from '../functions/invocation.ts';
import { holdChunks } from '../functions/held-chunks.ts';
import { preludeContentType } from '../functions/runtime/response-stream.ts';
import type { TrafficObserver } from './traffic-log.ts';
import { PreludeReader } from './wire-format.ts';
import type { Prelude } from './wire-format.ts';

/** A Function URL of the template, with the function behind it. */
export interface FunctionUrl {
  readonly urlId: string;
  /** The name that AWS would give it. */
  readonly domain: string;
  readonly cors: CorsSettings | undefined;
  readonly target: FunctionProcess;
  /** Whether a request with this `Authorization` header may call the function, by its policy. */
  readonly admits: (authorization: string | undefined) => boolean;
  /** Chunks with fewer bytes wait for the next write; none when it is left out. */
  readonly holdChunksBelow?: number | undefined;
  readonly traffic?: Pick<TrafficObserver, 'stream'> | undefined;
}

/** Lambda's limit on a request's payload: 6 MB. */
const bodyLimit = 6 * 1024 * 1024;

/** Answers one request through a Function URL in RESPONSE_STREAM mode. */
export async function serveFunctionUrl(
  url: FunctionUrl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const cors = url.cors === undefined ? {} : corsHeaders(url.cors, request);
  if (url.cors !== undefined && isPreflight(request)) {
    response.writeHead(200, cors).end();
    return;
  }
  if (!url.admits(request.headers.authorization)) {
    request.resume();
    response
      .writeHead(403, {
        'content-type': 'application/json',
        'x-amzn-errortype': 'AccessDeniedException',
        ...cors,
      })
      .end('{"Message":"Forbidden"}');
    return;
  }
  let body: Buffer;
  try {
    body = await readBody(request, bodyLimit);
  } catch (error) {
    if (error instanceof BodyTooLarge) sendMessage(response, 413, 'Request Too Long', cors);
    else response.destroy();
    return;
  }
  const event = httpEvent(request, body, { apiId: url.urlId, routeKey: '$default' });
  const relay = new StreamRelay(
    response,
    url.cors !== undefined,
    cors,
    url.traffic?.stream(request, response),
  );
  const { holdChunksBelow: limit } = url;
  const invocation = url.target.invoke(event, limit === undefined ? relay : holdChunks(relay, limit));
  relay.onWritable = () => invocation.resume();
}

/**
 * Carries one streamed response from the function to the client. When the client leaves, the function is told
 * nothing, as on AWS: what it still writes is read and thrown away.
 */
class StreamRelay implements InvocationReceiver {
  onWritable: () => void = () => {};
  readonly #response: ServerResponse;
  readonly #replacesCors: boolean;
  readonly #cors: Record<string, string>;
  readonly #onSent: ((bytes: Buffer) => void) | undefined;
  #prelude: PreludeReader | undefined;
  #contentType = '';
  #clientLeft = false;

  constructor(
    response: ServerResponse,
    replacesCors: boolean,
    cors: Record<string, string>,
    onSent: ((bytes: Buffer) => void) | undefined,
  ) {
    this.#onSent = onSent;
    this.#response = response;
    this.#replacesCors = replacesCors;
    this.#cors = cors;
    response.on('drain', () => this.onWritable());
    response.on('close', () => {
      this.#clientLeft = true;
      this.onWritable();
    });
    response.on('error', () => {
      // The client is gone; 'close' follows.
    });
  }

  contentType(type: string): void {
    this.#contentType = type;
    if (type === preludeContentType) this.#prelude = new PreludeReader();
  }

  chunk(bytes: Buffer): boolean {
    if (this.#clientLeft) return true;
    if (this.#prelude === undefined) {
      if (!this.#response.headersSent) this.#writeHead(200, { 'content-type': this.#contentType }, []);
      return this.#send(bytes);
    }
    try {
      const parsed = this.#prelude.push(bytes);
      if (parsed === undefined) return true;
      this.#prelude = undefined;
      this.#writePrelude(parsed.prelude);
      return parsed.body.length === 0 || this.#send(parsed.body);
    } catch (error) {
      this.failed({ errorType: 'InvalidStreamingResponse', errorMessage: (error as Error).message });
      return true;
    }
  }

  end(): void {
    if (this.#clientLeft) return;
    if (!this.#response.headersSent) this.#writeHead(200, { 'content-type': 'application/octet-stream' }, []);
    // A handler that only called end(data) sent no prelude: its status and headers are lost, the data is the body.
    const unread = this.#prelude?.pending;
    if (unread === undefined || unread.length === 0) this.#response.end();
    else this.#response.end(unread);
  }

  failed(error: Parameters<InvocationReceiver['failed']>[0]): void {
    if (this.#clientLeft) return;
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    if (error.errorType === throttle.errorType)
      sendMessage(this.#response, 429, 'Rate Exceeded.', this.#cors);
    else {
      const status = error.errorType === 'Sandbox.Timedout' ? 504 : 502;
      sendMessage(this.#response, status, 'Internal Server Error', this.#cors);
    }
  }

  result(json: Buffer): void {
    if (this.#clientLeft) return;
    try {
      const { statusCode, headers, cookies, body } = readFunctionResponse(JSON.parse(json.toString('utf8')));
      this.#writeHead(statusCode, headers, cookies);
      this.#response.end(body);
    } catch (error) {
      this.failed({ errorType: 'InvalidResponse', errorMessage: (error as Error).message });
    }
  }

  #send(bytes: Buffer): boolean {
    this.#onSent?.(bytes);
    return this.#response.write(bytes);
  }

  #writePrelude({ statusCode, headers, cookies }: Prelude): void {
    this.#writeHead(
      statusCode,
      { 'content-type': 'application/octet-stream', ...lowerCased(headers) },
      cookies,
    );
    // A 200 with an empty first write must still reach the client.
    this.#response.flushHeaders();
  }

  #writeHead(status: number, headers: Readonly<Record<string, string>>, cookies: readonly string[]): void {
    const kept = this.#replacesCors ? withoutCorsHeaders(headers) : headers;
    this.#response.writeHead(status, { ...outgoingHeaders(kept, cookies), ...this.#cors });
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
