import type { Connection } from '../connection/connection.ts';
import type { Endpoints } from './endpoints.ts';
import { RequestRefused, requestJson } from './request.ts';
import type { Tokens } from './tokens.ts';

/**
 * Makes what sends requests of one user to the API, as `Connection.send` says.
 * @param signal ends all requests that do not outlive the connection.
 */
export function sender({ api }: Endpoints, tokens: Tokens, signal: AbortSignal): Connection['send'] {
  let last: string | undefined;
  return async (method, path, headers, body, { keepalive = false } = {}) => {
    const sendWith = (token: string): Promise<unknown> =>
      requestJson(api + path, {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        keepalive,
        signal: keepalive ? new AbortController().signal : signal,
      });
    // A page that goes away has no time to ask for a token.
    const token = (keepalive && last) || (await tokens.current());
    last = token;
    try {
      return await sendWith(token);
    } catch (error) {
      if (!(error instanceof RequestRefused && error.status === 401)) throw error;
      tokens.refuse(token, error);
      return sendWith(await tokens.current());
    }
  };
}
