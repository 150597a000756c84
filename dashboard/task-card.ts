import type { Task, TaskStatus } from '../core/task/task.ts';
import { columnOf } from './column.ts';
import type { Identity } from './identity.ts';
import { copyTemplate } from './page-element.ts';
import type { TaskFields } from './task-api.ts';

/** What the user does with a task. Each settles when the server has answered; true when it was done. */
export interface TaskActions {
  readonly update: (id: number, fields: TaskFields) => Promise<boolean>;
  readonly delete: (id: number) => Promise<boolean>;
}

/** One task on the board. It shows what it is given; a change that the user asks for shows when its event arrives. */
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
  readonly #editor: HTMLFormElement;
  readonly #editedName: HTMLInputElement;
  #task: Task;
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
    this.#editor = part('editor', HTMLFormElement);
    this.#editedName = part('edited-name', HTMLInputElement);
    this.#task = task;
    this.#listen(part('cancel', HTMLButtonElement));
    this.update(task);
  }

  get task(): Task {
    return this.#task;
  }

  /** Shows a task's new state. */
  update(task: Task): void {
    this.#task = task;
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

  #listen(cancel: HTMLButtonElement): void {
    const { id } = this.#task;
    this.#listenToMoves();
    this.#share.addEventListener('click', () => {
      const visibility = this.#task.visibility === 'private' ? 'workspace' : 'private';
      void this.#ask(this.#actions.update(id, { visibility }));
    });
    this.#delete.addEventListener('click', () => void this.#ask(this.#actions.delete(id)));
    this.#rename.addEventListener('click', () => this.#edit());
    cancel.addEventListener('click', () => this.#stopEditing());
    this.#editor.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#stopEditing();
    });
    this.#editor.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#askToRename();
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

  async #ask(action: Promise<boolean>): Promise<boolean> {
    this.element.ariaBusy = 'true';
    const done = await action;
    this.element.ariaBusy = 'false';
    return done;
  }

  async #askToMove(status: TaskStatus): Promise<void> {
    this.#move.value = status;
    const done = await this.#ask(this.#actions.update(this.#task.id, { status }));
    if (!done) this.#move.value = columnOf(this.#task);
  }

  async #askToRename(): Promise<void> {
    const name = this.#editedName.value;
    if (await this.#ask(this.#actions.update(this.#task.id, { name }))) this.#stopEditing();
  }

  #edit(): void {
    this.#editedName.value = this.#task.name;
    this.#editor.hidden = false;
    this.#name.hidden = true;
    this.#editedName.focus();
    this.#editedName.select();
  }

  #stopEditing(): void {
    const hadFocus = this.#editor.contains(document.activeElement);
    this.#editor.hidden = true;
    this.#name.hidden = false;
    if (hadFocus) this.#rename.focus();
  }
}
