import type { Task } from '../../client/index.ts';
import type { TaskFields } from '../../client/store/index.ts';

/** What of a task is typed, and saved when its user says so. */
export type TextName = 'name' | 'description' | 'priority';

/** A text that was changed and is not saved. */
export interface TextEdit {
  readonly mine: string;
  /** What the task had, as its user has seen it who decided to replace it. */
  readonly seen: string;
}

export type TextEdits = Readonly<Partial<Record<TextName, TextEdit>>>;

export const textNames: readonly TextName[] = ['name', 'description', 'priority'];

export const textLabels: Readonly<Record<TextName, string>> = {
  name: 'Name',
  description: 'Description',
  priority: 'Priority, 0 to 100',
};

/** A text as a task has it. */
export function textOf(task: Task, name: TextName): string {
  return String(task[name] ?? '');
}

/** The edits with another text; one that is as the task has it is none. */
export function withText(edits: TextEdits, task: Task, name: TextName, mine: string): TextEdits {
  const seen = edits[name]?.seen ?? textOf(task, name);
  if (mine === textOf(task, name)) return withoutText(edits, name);
  return { ...edits, [name]: { mine, seen } };
}

export function withoutText(edits: TextEdits, name: TextName): TextEdits {
  const { [name]: _, ...others } = edits;
  return others;
}

/** The edits that are left once some were saved: what was typed since is about what they have made. */
export function withoutSaved(edits: TextEdits, saved: TextEdits): TextEdits {
  const left = textNames.flatMap((name) => {
    const [edit, sent] = [edits[name], saved[name]];
    if (edit === undefined || edit.mine === sent?.mine) return [];
    return [[name, sent === undefined ? edit : { ...edit, seen: sent.mine }]];
  });
  return Object.fromEntries(left) as TextEdits;
}

/** The texts that somebody else has changed since the user began to, and not to the same. */
export function conflictsOf(edits: TextEdits, task: Task): readonly TextName[] {
  return textNames.filter((name) => {
    const edit = edits[name];
    const now = textOf(task, name);
    return edit !== undefined && now !== edit.seen && now !== edit.mine;
  });
}

/** What the server is sent of edits. */
export function fieldsOfEdits(edits: TextEdits): TaskFields {
  return valuesOf(edits, 'mine');
}

/** The task as its user has seen it who has typed the edits. */
export function seenTask(edits: TextEdits, task: Task): Task {
  const changed = textNames.filter((name) => edits[name] && edits[name].seen !== textOf(task, name));
  const seen = Object.fromEntries(changed.map((name) => [name, edits[name]])) as TextEdits;
  return { ...task, ...valuesOf(seen, 'seen') };
}

function valuesOf({ name, description, priority }: TextEdits, which: keyof TextEdit): Partial<Task> {
  return {
    ...(name && { name: name[which] }),
    ...(description && { description: description[which] === '' ? null : description[which] }),
    ...(priority && { priority: Number(priority[which]) }),
  };
}
