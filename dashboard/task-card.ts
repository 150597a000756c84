import type { Task, TaskFields, TaskStatus, WriteOutcome } from '../client/index.ts';
import { columnOf, fieldsToMove } from './column.ts';
import type { Identity } from './identity.ts';
import { NameEditor } from './name-editor.ts';
import { copyTemplate } from './page-element.ts';
import { describeChanges } from './change-words.ts';

/**
 * What the user does with a task, as they saw it. Each settles when the server has answered; undefined when it failed,
 * which the user has been told.
 */
export interface TaskActions {
  readonly update: (seen: Task, fields: TaskFields) => Promise<WriteOutcome | undefined>;
  readonly delete: (seen: Task) => Promise<WriteOutcome | undefined>;
}

/**
 * One task on the board. It shows what it is given; a change that the user asks for shows when its event arrives. What
 * somebody else has changed meanwhile is not replaced: the card says what it is now, and the user decides anew.
 */
export class TaskCard {
  readonly element: HTMLElement;
  readonly #identity: Identity;
  readonly #actions: TaskActions;
  readonly #name: HTMLElement;
  readonly #facts: HTMLElement;
  readonly #privateMark: HTMLElement;
  readonly #move: HTMLSelectElement;
  readonly #rename: HTMLButtonElement;
  readonly #share: HTMLButtonElement;
  readonly #delete: HTMLButtonElement;
  readonly #note: HTMLElement;
  readonly #editor: NameEditor;
  #task: Task;
  /** What an answer told of the task, until the card is given as much. */
  #answered: Task | undefined;
  /** Where the user is going through the columns by keys: each is a change for the browser, and only the last is meant. */
  #choice: TaskStatus | undefined;

  constructor(task: Task, identity: Identity, actions: TaskActions) {
    const { root, part } = copyTemplate('task-template');
    this.element = root;
    this.#identity = identity;
    this.#actions = actions;
    this.#name = part('name', HTMLElement);
    this.#facts = part('facts', HTMLElement);
    this.#privateMark = part('private', HTMLElement);
    this.#move = part('move', HTMLSelectElement);
    this.#rename = part('rename', HTMLButtonElement);
    this.#share = part('share', HTMLButtonElement);
    this.#delete = part('delete', HTMLButtonElement);
    this.#note = part('note', HTMLElement);
    this.#editor = new NameEditor({
      form: part('editor', HTMLFormElement),
      input: part('edited-name', HTMLInputElement),
      cancel: part('cancel', HTMLButtonElement),
      rename: (seen, name) => this.#ask(this.#actions.update(seen, { name })),
      onOther: (current, isRefused) => this.#tellOtherName(current, isRefused),
      onClose: (hadFocus) => {
        this.#name.hidden = false;
        if (hadFocus) this.#rename.focus();
      },
    });
    this.#task = task;
    this.#listen();
    this.update(task);
  }

  get task(): Task {
    return this.#task;
  }

  /** Shows a task's new state. */
  update(task: Task): void {
    this.#task = task;
    if (this.#answered && task.version >= this.#answered.version) this.#answered = undefined;
    this.#editor.update(task);
    const { id, name, visibility, created_by: creator, version } = task;
    const isPrivate = visibility === 'private';
    this.element.dataset['task'] = String(id);
    this.#name.textContent = name;
    this.#facts.textContent = [`#${id}`, creator ?? 'unknown', `v${version}`].join(' · ');
    this.#privateMark.hidden = !isPrivate;
    if (this.#choice === undefined) this.#move.value = columnOf(task);
    // The server says no to all others.
    this.#share.hidden = !(this.#identity.admin || creator === this.#identity.user);
    this.#share.setAttribute('aria-pressed', String(isPrivate));
    this.#share.title = isPrivate ? 'Show to the whole workspace' : 'Make private';

    const label = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    this.#move.setAttribute('aria-label', `Column of ${label}`);
    this.#rename.setAttribute('aria-label', `Rename ${label}`);
    this.#share.setAttribute('aria-label', `Private: ${label}`);
    this.#delete.setAttribute('aria-label', `Delete ${label}`);
  }

  /** The newest that the user knows of the task, who has been told of each answer. */
  get #seen(): Task {
    return this.#answered ?? this.#task;
  }

  #listen(): void {
    this.#listenToMoves();
    this.#share.addEventListener('click', () => {
      const visibility = this.#task.visibility === 'private' ? 'workspace' : 'private';
      void this.#do(this.#actions.update(this.#seen, { visibility }));
    });
    this.#delete.addEventListener('click', () => void this.#do(this.#actions.delete(this.#seen)));
    this.#rename.addEventListener('click', () => {
      this.#tell(undefined);
      this.#name.hidden = true;
      this.#editor.open(this.#seen);
    });
  }

  /** A choice by the pointer, or in the opened list, is final at once; one by keys when Enter or leaving says so. */
  #listenToMoves(): void {
    let isByKey = false;
    this.#move.addEventListener('keydown', ({ key, altKey }) => {
      if (key === 'Enter') this.#finishChoice();
      else if (key === 'Escape') this.#dropChoice();
      // Enter, the space bar and Alt with an arrow open the list.
      isByKey = !altKey && key !== 'Enter' && key !== ' ';
    });
    this.#move.addEventListener('pointerdown', () => {
      isByKey = false;
    });
    this.#move.addEventListener('change', () => {
      this.#choice = this.#move.value as TaskStatus;
      if (!isByKey) this.#finishChoice();
    });
    this.#move.addEventListener('blur', () => this.#finishChoice());
  }

  #finishChoice(): void {
    const choice = this.#choice;
    this.#dropChoice();
    if (choice !== undefined && choice !== columnOf(this.#task)) void this.#askToMove(choice);
  }

  #dropChoice(): void {
    this.#choice = undefined;
    this.#move.value = columnOf(this.#task);
  }

  async #askToMove(column: TaskStatus): Promise<void> {
    this.#move.value = column;
    const outcome = await this.#do(this.#actions.update(this.#seen, fieldsToMove(this.#seen, column)));
    if (outcome?.kind !== 'done') this.#move.value = columnOf(this.#task);
  }

  /** Waits for an action, and tells the user when somebody else was faster. */
  async #do(action: Promise<WriteOutcome | undefined>): Promise<WriteOutcome | undefined> {
    const before = this.#seen;
    this.#tell(undefined);
    const outcome = await this.#ask(action);
    if (outcome?.kind === 'conflict') {
      const changes = describeChanges(before, outcome.current);
      const who = this.#writerOf(outcome.current);
      this.#tell(`Not done, for ${who} changed it meanwhile: ${changes}. Do it again if you want to.`);
    }
    return outcome;
  }

  async #ask(action: Promise<WriteOutcome | undefined>): Promise<WriteOutcome | undefined> {
    this.element.ariaBusy = 'true';
    const outcome = await action;
    this.element.ariaBusy = 'false';
    // Its event may still be under way.
    if (outcome?.kind === 'done' && outcome.task.version > this.#seen.version) this.#answered = outcome.task;
    if (outcome?.kind === 'conflict') this.#answered = outcome.current;
    return outcome;
  }

  #tellOtherName(current: Task | undefined, isRefused: boolean): void {
    if (current === undefined) return this.#tell(undefined);
    const said = `meanwhile ${this.#writerOf(current)} named it “${current.name}”.`;
    if (isRefused) this.#tell(`Not saved: ${said} Save again to replace that, or cancel to keep it.`);
    else this.#tell(`M${said.slice(1)}`);
  }

  /** Who wrote a task last, as the user is told. */
  #writerOf({ updated_by: writer }: Task): string {
    if (writer === this.#identity.user) return 'you, elsewhere,';
    return writer ?? 'somebody';
  }

  #tell(text: string | undefined): void {
    this.#note.hidden = text === undefined;
    this.#note.textContent = text ?? '';
  }
}
