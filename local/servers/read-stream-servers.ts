import { readContainers } from '../containers/read-containers.ts';
import type { EdgeSignature } from '../edge/signature.ts';
import type { FunctionOptions } from '../functions/functions.ts';
import { readWebFunction } from '../web-functions/read-web-function.ts';
import type { StreamServers } from './stream-servers.ts';

/**
 * Reads what hosts the streams of a template.
 * @param signature that of the edge, if there is one.
 * @returns undefined where a function does.
 * @throws {CommandError} for a form that the local stack does not serve.
 */
export function readStreamServers(
  options: FunctionOptions,
  signature: EdgeSignature | undefined,
): StreamServers | undefined {
  return readWebFunction(options, signature) ?? readContainers(options);
}
