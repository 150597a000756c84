import type { TaskEventType } from '../../protocol/events.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import type { filterParameters } from '../../protocol/parameters.ts';
import { mostFilterTasks } from '../../protocol/parameters.ts';
import { taskIdPattern } from '../../protocol/patterns.ts';
import type { Task, TaskStatus } from '../../protocol/task.ts';
import { taskStatuses } from '../../protocol/task.ts';
import { Refusal } from '../refusal.ts';
import { isTaskId } from '../task/fields.ts';

/** What of its principal's events a subscriber wants; a part that is left out wants all. */
export interface Filter {
  readonly events?: ReadonlySet<TaskEventType> | undefined;
  readonly tasks?: ReadonlySet<number> | undefined;
  readonly statuses?: ReadonlySet<TaskStatus> | undefined;
  readonly assignedToAgent?: boolean | undefined;
}

/** What a filter asks of a task besides its id; of an image before a change the log may not know all of it. */
export type FilteredFacts = Pick<Task, 'status'> & Partial<Pick<Task, 'assigned_to_agent'>>;

/** The filter of a subscriber that wants all. */
export const everything: Filter = {};

/** How a filter is said, in a query and elsewhere: lists have commas between their values. */
export type FilterParameters = Readonly<
  Partial<Record<(typeof filterParameters)[number], string | undefined>>
>;

/**
 * Whether a task is one of those that a filter wants.
 * @returns undefined where the log does not know enough of the task to tell.
 */
export function matches(filter: Filter, id: number, facts: FilteredFacts): boolean | undefined {
  const { tasks, statuses, assignedToAgent } = filter;
  if (tasks !== undefined && !tasks.has(id)) return false;
  if (statuses !== undefined && !statuses.has(facts.status)) return false;
  if (assignedToAgent === undefined) return true;
  return facts.assigned_to_agent === undefined ? undefined : facts.assigned_to_agent === assignedToAgent;
}

/** Whether a filter wants events of a type. */
export function wantsType({ events }: Filter, type: TaskEventType): boolean {
  return events === undefined || events.has(type);
}

/**
 * Reads a filter.
 * @param eventsName what the types of events are called where it comes from.
 * @throws {Refusal} `invalid_parameter` for a value that is unknown, with those that there are.
 */
export function readFilter(parameters: FilterParameters, eventsName = 'events'): Filter {
  const { events, tasks, status, assigned_to_agent: assigned } = parameters;
  return {
    events: setOf(eventsName, events, oneOf(taskEventTypes), `some of ${taskEventTypes.join(', ')}`),
    tasks: readTasks(tasks),
    statuses: setOf('status', status, oneOf(taskStatuses), `some of ${taskStatuses.join(', ')}`),
    assignedToAgent: readFlag('assigned_to_agent', assigned),
  };
}

function readTasks(text: string | undefined): ReadonlySet<number> | undefined {
  const rule = `at most ${mostFilterTasks} task ids, such as 7,9`;
  const tasks = setOf('tasks', text, readTaskId, rule);
  if (tasks !== undefined && tasks.size > mostFilterTasks) throw refused('tasks', rule);
  return tasks;
}

function readTaskId(text: string): number | undefined {
  const id = taskIdPattern.test(text) ? Number(text) : Number.NaN;
  return isTaskId(id) ? id : undefined;
}

/**
 * Reads a parameter that is true or false.
 * @throws {Refusal} `invalid_parameter` for anything else.
 */
export function readFlag(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw refused(name, 'true or false');
  return text === 'true';
}

function oneOf<Value extends string>(known: readonly Value[]): (text: string) => Value | undefined {
  return (text) => known.find((value) => value === text);
}

function setOf<Value>(
  name: string,
  text: string | undefined,
  read: (text: string) => Value | undefined,
  rule: string,
): ReadonlySet<Value> | undefined {
  if (text === undefined) return undefined;
  return new Set(
    text.split(',').map((part) => {
      const value = read(part.trim());
      if (value === undefined) throw refused(name, rule);
      return value;
    }),
  );
}

function refused(name: string, rule: string): Refusal {
  return new Refusal('invalid_parameter', `"${name}" must be ${rule}`);
}
