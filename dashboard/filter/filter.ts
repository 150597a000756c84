import type { Task } from '../../client/index.ts';

/** Which tasks the board shows; each flag leaves fewer. */
export interface BoardFilter {
  /** Words that a task has to have, in any order. */
  readonly text: string;
  readonly assignedToMe: boolean;
  readonly blocked: boolean;
  readonly private: boolean;
  readonly agent: boolean;
}

export type FilterFlag = Exclude<keyof BoardFilter, 'text'>;

export const everything: BoardFilter = {
  text: '',
  assignedToMe: false,
  blocked: false,
  private: false,
  agent: false,
};

export const flagLabels: Readonly<Record<FilterFlag, string>> = {
  assignedToMe: 'Assigned to me',
  blocked: 'Blocked',
  private: 'Private',
  agent: 'For agents',
};

export const flags = Object.keys(flagLabels) as readonly FilterFlag[];

const flagTests: Readonly<Record<FilterFlag, (task: Task, user: string) => boolean>> = {
  assignedToMe: ({ assignees }, user) => assignees.includes(user),
  blocked: ({ blocked }) => blocked,
  private: ({ visibility }) => visibility === 'private',
  agent: ({ assigned_to_agent: agent }) => agent,
};

/** Whether a filter leaves anything out. */
export function isFiltering(filter: BoardFilter): boolean {
  return folded(filter.text) !== '' || flags.some((flag) => filter[flag]);
}

/**
 * The tasks that a filter leaves, in their order; the same array where it leaves all.
 * @param user whose board it is.
 */
export function filterTasks(tasks: readonly Task[], filter: BoardFilter, user: string): readonly Task[] {
  if (!isFiltering(filter)) return tasks;
  const words = folded(filter.text).split(/\s+/).filter(Boolean);
  const wanted = flags.filter((flag) => filter[flag]);
  return tasks.filter((task) => wanted.every((flag) => flagTests[flag](task, user)) && hasWords(task, words));
}

function hasWords(task: Task, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { id, name, description, created_by: creator, assignees } = task;
  const text = folded([`#${id}`, name, description ?? '', creator ?? '', ...assignees].join('\n'));
  return words.every((word) => text.includes(word));
}

/** Without what people leave out when they search: case, accents, ways to write the same letter. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
