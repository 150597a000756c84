import { UsageError } from '../../commands/command-line.ts';

/**
 * Reads the address of a DynamoDB server.
 * @throws {UsageError} for what is no http or https URL.
 */
export function readEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return endpoint;
  throw new UsageError('--endpoint takes a URL, such as http://127.0.0.1:8000');
}
