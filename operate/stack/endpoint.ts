import { UsageError } from '../../commands/command-line.ts';

/**
 * Reads the address of a server.
 * @param flag the option that names it, for the error.
 * @throws {UsageError} for what is no http or https URL.
 */
export function readEndpoint(endpoint: string | undefined, flag: string): string | undefined {
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return endpoint;
  throw new UsageError(`--${flag} takes a URL, such as http://127.0.0.1:8000`);
}
