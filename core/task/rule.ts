import type { Rule } from '../../protocol/rule.ts';
import { isAtMost, isVisible } from './text.ts';

/** Whether a value that a field can hold is one that a client may set it to. */
export function keeps(rule: Rule, value: unknown): boolean {
  if (rule.kind === 'text') return value === null || isText(value as string, rule.longest, rule.isVisible);
  if (rule.kind === 'users') return (value as readonly string[]).length <= rule.most;
  return rule.kind !== 'whole' || ((value as number) >= rule.least && (value as number) <= rule.most);
}

/** What a value must be, for the error message. */
export function inWords(rule: Rule): string {
  if (rule.kind === 'choice') return `one of ${rule.of.join(', ')}`;
  if (rule.kind === 'flag') return 'true or false';
  if (rule.kind === 'whole') return `a whole number from ${rule.least} to ${rule.most}`;
  if (rule.kind === 'users') return `a list of at most ${rule.most} user ids`;
  const { longest, isVisible: mustBeVisible, orNull } = rule;
  const [least, seen] = mustBeVisible ? ['1 to', ', one of them visible'] : ['at most', ''];
  return `a string of ${least} ${longest} characters${seen}${orNull ? ', or null' : ''}`;
}

/** Whether a text has no halves of surrogate pairs, which UTF-8, and so DynamoDB, cannot hold, and is not too long. */
function isText(value: string, longest: number, mustBeVisible = false): boolean {
  return (!mustBeVisible || isVisible(value)) && value.isWellFormed() && isAtMost(value, longest);
}
