import type { IncomingMessage } from 'node:http';

/** CORS settings as a Function URL and an HTTP API have them, under the names of the HTTP API. */
export interface CorsSettings {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly AllowCredentials?: boolean;
  /** Seconds. */
  readonly MaxAge?: number;
}

/** True for a browser's question whether it may send a request. */
export function isPreflight(request: IncomingMessage): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/**
 * The headers that the platform adds to a response. It adds none for an origin that is not listed, and then the
 * browser refuses the response.
 */
export function corsHeaders(cors: CorsSettings, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  const origins = cors.AllowOrigins ?? [];
  if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return {};
  const headers: Record<string, string> = {
    'access-control-allow-origin': origins.includes('*') && cors.AllowCredentials !== true ? '*' : origin,
    vary: 'Origin',
  };
  if (cors.AllowCredentials === true) headers['access-control-allow-credentials'] = 'true';
  if (isPreflight(request)) {
    addList(headers, 'access-control-allow-methods', cors.AllowMethods);
    addList(headers, 'access-control-allow-headers', cors.AllowHeaders);
    if (cors.MaxAge !== undefined) headers['access-control-max-age'] = String(cors.MaxAge);
  } else {
    addList(headers, 'access-control-expose-headers', cors.ExposeHeaders);
  }
  return headers;
}

function addList(headers: Record<string, string>, name: string, values: readonly string[] | undefined): void {
  if (values !== undefined && values.length > 0) headers[name] = values.join(',');
}

/** Drops the CORS headers that a function set itself: where the platform has CORS settings, only its own count. */
export function withoutCorsHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('access-control-')),
  );
}
