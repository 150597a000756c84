/** What a test's request is made of. */
export interface EventRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the HTTP API; a Function URL has only this default. */
  readonly routeKey?: string;
}

/**
 * An event of payload format 2.0, as HTTP APIs and Function URLs send it, written out rather than taken from the local
 * stack, so that a mistake there does not hide one in the functions.
 */
export function payloadEvent(request: EventRequest): object {
  const { method, path, query = {}, headers = {}, body, routeKey = '$default' } = request;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { host: 'abc.lambda-url.us-east-1.on.aws', 'user-agent': 'test', ...headers },
    queryStringParameters: query,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abc',
      domainName: 'abc.lambda-url.us-east-1.on.aws',
      domainPrefix: 'abc',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: '00000000-0000-0000-0000-000000000000',
      routeKey,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}
