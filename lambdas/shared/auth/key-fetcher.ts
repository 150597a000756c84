import { FetchError } from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import { SimpleFetcher } from 'aws-jwt-verify/https';

/** aws-jwt-verify fetches https only; a development issuer on this very machine has no certificate. */
export function fetcherFor(jwksUri: string): Fetcher {
  const { protocol, hostname } = new URL(jwksUri);
  const isLoopback = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return isLoopback ? { fetch: fetchFromLoopback } : new SimpleFetcher();
}

async function fetchFromLoopback(uri: string): Promise<ArrayBuffer> {
  const failed = (cause: unknown): never => {
    throw new FetchError(uri, cause);
  };
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(10_000) }).catch(failed);
  return response.ok ? response.arrayBuffer() : failed(`status ${response.status}`);
}
