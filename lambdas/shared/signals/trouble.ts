import type { Logger } from '@aws-lambda-powertools/logger';
import { isThrottle, isTransactionConflict, isUnreachable } from '../dynamodb/client.ts';

/**
 * What a failure is to the operator, whatever the client was told: `passing` goes by itself (load, the network, a deploy),
 * `lasting` stays until somebody mends it: a table that is gone, a right that is missing, a mistake in the code.
 */
export type TroubleKind = 'passing' | 'lasting';

/** Names of failures that the functions foresee themselves. By name: a function bundles only what it uses. */
const foreseen: ReadonlySet<string> = new Set([
  'AppendContention',
  'Refusal',
  'IssuerUnavailable',
  'UnknownFormat',
  'HandOnTimeout',
  'CountTimeout',
  'PushGivenUp',
]);

/** Tells what kind of trouble an error is. */
export function troubleKind(error: unknown): TroubleKind {
  const passes =
    isThrottle(error) ||
    isUnreachable(error) ||
    isTransactionConflict(error) ||
    (error instanceof Error && foreseen.has(error.name));
  return passes ? 'passing' : 'lasting';
}

/**
 * Logs a failure of which the client hears little or nothing. The metric filters of `lib/operations/monitoring.ts` count
 * the lines by `trouble`, so that an alarm goes off for what no status shows, also where metrics are switched off.
 * @param what what failed, for whoever reads the log.
 * @param details what else is to be known.
 */
export function reportTrouble(
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  what: string,
  error: unknown,
  details: Readonly<Record<string, unknown>> = {},
): void {
  // Who sends forged tokens rings no alarm. By name, as above.
  if (error instanceof Error && error.name === 'KeyNotKnownYet') {
    logger.info(error.message);
    return;
  }
  const trouble = troubleKind(error);
  const facts = { trouble, ...details, error };
  if (trouble === 'lasting') logger.error(what, facts);
  else logger.warn(what, facts);
}
