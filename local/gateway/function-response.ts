import type { ServerResponse } from 'node:http';

/** A buffered function's HTTP response, as Lambda's payload format 2.0 reads it. */
export interface FunctionResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Headers about the connection, which is the platform's own. */
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
]);

/**
 * Reads what a function returned. A value without a status code is the body itself, as JSON, with status 200.
 * @throws {Error} when the shape is not one that the platform accepts.
 */
export function readFunctionResponse(result: unknown): FunctionResponse {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return {
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      cookies: [],
      body: Buffer.from(typeof result === 'string' ? result : (JSON.stringify(result) ?? '')),
    };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as Record<string, unknown>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new Error(`the function returned the status code ${String(statusCode)}`);
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new Error('the function returned a body that is not a string');
  }
  return {
    statusCode: status,
    headers: Object.fromEntries(
      Object.entries((headers ?? {}) as Record<string, unknown>).map(([name, value]) => [
        name,
        String(value),
      ]),
    ),
    cookies: (cookies ?? []) as string[],
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/**
 * Headers that API Gateway and Function URLs hand on under another name, so that no browser asks its user for a password.
 * Source: "Important notes for REST APIs", API Gateway developer guide; HTTP APIs and Function URLs are seen to do it too.
 */
const remappedHeaders: Readonly<Record<string, string>> = {
  'www-authenticate': 'x-amzn-remapped-www-authenticate',
};

/** Headers for `writeHead`: the function's without those of the connection and as AWS names them, plus its cookies. */
export function outgoingHeaders(
  headers: Readonly<Record<string, string>>,
  cookies: readonly string[],
): Record<string, string | string[]> {
  const outgoing: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lowerCased = name.toLowerCase();
    if (!connectionHeaders.has(lowerCased)) outgoing[remappedHeaders[lowerCased] ?? lowerCased] = value;
  }
  if (cookies.length > 0) outgoing['set-cookie'] = [...cookies];
  return outgoing;
}

/** Answers with a JSON message in the platform's own form. */
export function sendMessage(response: ServerResponse, status: number, message: string, headers = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
    .end(JSON.stringify({ message }));
}
