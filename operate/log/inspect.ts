import type { TaskPage } from '../../lambdas/shared/dynamodb/task-store.ts';
import type { Missed, TaskFacts } from './last-words.ts';
import { factsOf } from './last-words.ts';
import type { LogStore } from './stored-log.ts';
import type { Survey, SurveyOptions } from './survey.ts';
import { surveyLog } from './survey.ts';

/** The tasks of a workspace, as `TaskStore` has them. */
export interface TaskPages {
  page(workspace: string, after: number, limit: number): Promise<TaskPage>;
}

export interface InspectPorts {
  readonly log: LogStore;
  readonly tasks: TaskPages;
}

export interface InspectOptions extends SurveyOptions {
  /** Waits for what is on its way from the table to the log: as long as that usually takes. */
  readonly settle: () => Promise<unknown>;
  readonly onTasks?: (tasks: number) => void;
}

/** A log, and how it fits the tasks table. */
export interface Inspection extends Survey {
  /** How many tasks the table has. */
  readonly tasks: number;
  /** Of what the log has not told, by the id of the task. */
  readonly missed: readonly Missed[];
}

const pageSize = 500;

/**
 * Looks at a log and compares it with the tasks table. A difference counts that is the same after a while: what was
 * written a moment ago is on its way.
 * @throws what `surveyLog` and the tables throw.
 */
export async function inspectLog(
  ports: InspectPorts,
  workspace: string,
  options: InspectOptions,
): Promise<Inspection> {
  const first = await compareOnce(ports, workspace, options);
  if (first.missed.length === 0) return first;
  await options.settle();
  const second = await compareOnce(ports, workspace, options);
  const seen = new Set(first.missed.map(nameOf));
  return { ...second, missed: second.missed.filter((missed) => seen.has(nameOf(missed))) };
}

async function compareOnce(
  { log, tasks }: InspectPorts,
  workspace: string,
  options: InspectOptions,
): Promise<Inspection> {
  // The table first: what it has then, the log has told a moment later.
  const table = await readTable(tasks, workspace, options.onTasks);
  const survey = await surveyLog(log, workspace, options);
  const { words, head } = survey;
  const missed = [...table.values()].flatMap((task) => words.compare(task, head?.at) ?? []);
  const gone = words.alive.filter((id) => !table.has(id)).flatMap((id) => words.compareGone(id) ?? []);
  return {
    ...survey,
    tasks: table.size,
    missed: [...missed, ...gone].toSorted((a, b) => a.task - b.task),
  };
}

async function readTable(
  tasks: TaskPages,
  workspace: string,
  onTasks: InspectOptions['onTasks'],
): Promise<ReadonlyMap<number, TaskFacts>> {
  const table = new Map<number, TaskFacts>();
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: TaskPage = await tasks.page(workspace, after, pageSize);
    for (const task of page.tasks) table.set(task.id, factsOf(task));
    onTasks?.(page.tasks.length);
    after = page.next;
  }
  return table;
}

function nameOf({ task, table, log }: Missed): string {
  return `${task}/${table}/${log}`;
}
