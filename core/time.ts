import { isoTimePattern, millisecondsPattern } from '../protocol/patterns.ts';
import { Refusal } from './refusal.ts';

/**
 * Reads a time of a query, ISO 8601 with a zone or milliseconds since 1970. The plus of a zone may have become a space, as
 * which a query has it where nobody has encoded it.
 * @returns epoch milliseconds.
 * @throws {Refusal} `invalid_parameter` for anything else.
 */
export function readTime(name: string, text: string): number {
  const isIso = isoTimePattern.test(text);
  const time = isIso
    ? Date.parse(text.replace(' ', '+'))
    : millisecondsPattern.test(text)
      ? Number(text)
      : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const examples = '2026-11-27T12:00:00Z, or milliseconds since 1970';
  throw new Refusal('invalid_parameter', `"${name}" must be a time: ${examples}`);
}
