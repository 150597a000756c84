import type { Task, TaskStatus, TaskView } from '../client/index.ts';
import { columnTitles, columnOf } from './column.ts';
import type { Identity } from './identity.ts';
import { copyTemplate } from './page-element.ts';
import { TaskCard } from './task-card.ts';
import type { TaskActions } from './task-card.ts';

interface Column {
  readonly list: HTMLElement;
  readonly count: HTMLElement;
}

export interface BoardViewOptions {
  /** Holds the columns. */
  readonly element: HTMLElement;
  readonly identity: Identity;
  readonly actions: TaskActions;
  /** Where the keyboard goes when the last card of a column goes away under it. */
  readonly focusWithoutCards: () => void;
}

/** The columns with their cards, the newest task first. Cards stay the same elements, so the keyboard stays where it is. */
export class BoardView implements TaskView {
  readonly #options: BoardViewOptions;
  readonly #columns: Readonly<Record<TaskStatus, Column>>;
  readonly #cards = new Map<number, TaskCard>();

  constructor(options: BoardViewOptions) {
    this.#options = options;
    const columns = Object.entries(columnTitles).map(([status, title]) => {
      const { root, part } = copyTemplate('column-template');
      const heading = part('title', HTMLElement);
      heading.textContent = title;
      heading.id = `column-${status}`;
      root.dataset['status'] = status;
      root.setAttribute('aria-labelledby', heading.id);
      return { root, status, list: part('cards', HTMLElement), count: part('count', HTMLElement) };
    });
    this.#columns = Object.fromEntries(
      columns.map(({ status, list, count }) => [status, { list, count }]),
    ) as Record<TaskStatus, Column>;
    options.element.replaceChildren(...columns.map(({ root }) => root));
    options.element.ariaBusy = 'true';
  }

  reset(tasks: readonly Task[]): void {
    const present = new Set(tasks.map(({ id }) => id));
    for (const id of this.#cards.keys()) if (!present.has(id)) this.#take(id);
    // From the oldest to the newest each card goes to the top at once.
    for (const task of tasks.toSorted((one, other) => one.id - other.id)) this.#place(task);
    this.#options.element.ariaBusy = 'false';
    this.#count();
  }

  put(task: Task): void {
    this.#place(task);
    this.#count();
  }

  remove(id: number): void {
    this.#take(id);
    this.#count();
  }

  #place(task: Task): void {
    const card = this.#cards.get(task.id);
    if (card === undefined) {
      const added = new TaskCard(task, this.#options.identity, this.#options.actions);
      this.#cards.set(task.id, added);
      this.#insert(added);
      return;
    }
    const isMoved = columnOf(card.task) !== columnOf(task);
    card.update(task);
    if (!isMoved) return;
    const focused = card.element.contains(document.activeElement) ? document.activeElement : undefined;
    this.#insert(card);
    // An element that is moved in the document loses the focus.
    if (focused instanceof HTMLElement) focused.focus();
  }

  #insert({ element, task }: TaskCard): void {
    const { list } = this.#columns[columnOf(task)];
    const older = Array.from(list.children).find(
      (other) => other !== element && Number((other as HTMLElement).dataset['task']) < task.id,
    );
    list.insertBefore(element, older ?? null);
  }

  #take(id: number): void {
    const element = this.#cards.get(id)?.element;
    if (element === undefined) return;
    this.#cards.delete(id);
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    if (!hadFocus) return;
    const next = neighbour?.querySelector('.delete');
    if (next instanceof HTMLElement) next.focus();
    else this.#options.focusWithoutCards();
  }

  #count(): void {
    for (const { list, count } of Object.values(this.#columns)) {
      count.textContent = String(list.childElementCount);
    }
    this.#options.element.dataset['tasks'] = String(this.#cards.size);
  }
}
