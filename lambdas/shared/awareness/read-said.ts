import { usualPresenceSeconds, viewStates } from '../../../protocol/awareness.ts';
import { leaseSeconds as leaseBounds } from '../../../protocol/parameters.ts';
import { viewIdPattern } from '../../../protocol/patterns.ts';
import { Refusal } from '../../../core/refusal.ts';
import { isTaskId } from '../../../core/task/fields.ts';
import type { SaidView } from './awareness-service.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a page says of itself.
 * @param usualViewId the name of a page that does not say it; undefined where it must.
 * @throws {Refusal} 400 for a field that is wrong.
 */
export function readView(fields: Fields, usualViewId?: string): SaidView {
  const { state: given, taskId } = fields;
  const viewId = fields['viewId'] ?? usualViewId;
  const lease = fields['lease'] ?? usualPresenceSeconds;
  if (typeof viewId !== 'string' || !viewIdPattern.test(viewId)) {
    throw refused(
      'viewId',
      'a name of the page: 1 to 64 letters, digits, - and _, the first a letter or a digit',
    );
  }
  const state = viewStates.find((each) => each === given);
  if (state === undefined) throw refused('state', viewStates.join(', '));
  const { least, most } = leaseBounds;
  if (!Number.isInteger(lease) || (lease as number) < least || (lease as number) > most) {
    throw refused('lease', `a whole number of seconds from ${least} to ${most}`);
  }
  return { viewId, state, task: readTask(taskId), leaseSeconds: lease as number };
}

/**
 * Reads whether somebody types.
 * @throws {Refusal} 400 for anything but true or false.
 */
export function readTyping(fields: Fields): boolean {
  const typing = fields['typing'] ?? true;
  if (typeof typing !== 'boolean') throw refused('typing', 'true or false');
  return typing;
}

/**
 * Reads at which task something is.
 * @returns undefined where none is given.
 * @throws {Refusal} 400 for what is no task id.
 */
export function readTask(id: unknown): number | undefined {
  if (id === undefined || id === null) return undefined;
  if (isTaskId(id)) return id;
  throw refused('taskId', 'the id of a task');
}

/**
 * Refuses fields that nobody knows.
 * @throws {Refusal} 400 naming the field.
 */
export function refuseUnknownFields(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Refusal(
    'unknown_field',
    `unknown field "${unknown.slice(0, 64)}": there are ${known.join(', ')}`,
  );
}

function refused(name: string, rule: string): Refusal {
  return new Refusal('invalid_field', `"${name}" must be ${rule}`);
}
