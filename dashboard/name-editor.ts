import type { Task, WriteOutcome } from '../client/index.ts';

export interface NameEditorOptions {
  readonly form: HTMLFormElement;
  readonly input: HTMLInputElement;
  readonly cancel: HTMLButtonElement;
  /** As `TaskActions.update`, for the name. */
  readonly rename: (seen: Task, name: string) => Promise<WriteOutcome | undefined>;
  /**
   * Somebody else has changed the name meanwhile: the task as it is now; undefined when that is of no importance any
   * more.
   */
  readonly onOther: (task: Task | undefined, isRefused: boolean) => void;
  /** @param hadFocus whether the keyboard was in the editor. */
  readonly onClose: (hadFocus: boolean) => void;
}

/**
 * The editor of a task's name. It keeps the name that its user began with: when somebody else has written another
 * meanwhile, the user reads that before it is replaced.
 */
export class NameEditor {
  readonly #options: NameEditorOptions;
  /** The task as its user last saw it; undefined while closed. */
  #seen: Task | undefined;

  constructor(options: NameEditorOptions) {
    this.#options = options;
    const { form, cancel } = options;
    cancel.addEventListener('click', () => this.#close());
    form.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#close();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  open(task: Task): void {
    const { form, input } = this.#options;
    this.#seen = task;
    input.value = task.name;
    form.hidden = false;
    input.focus();
    input.select();
  }

  /** The task has changed under the editor. */
  update(task: Task): void {
    if (this.#seen !== undefined && task.name !== this.#seen.name) this.#options.onOther(task, false);
  }

  async #submit(): Promise<void> {
    const { input, rename, onOther } = this.#options;
    const seen = this.#seen;
    if (seen === undefined) return;
    const outcome = await rename(seen, input.value);
    // Closed meanwhile, or told already.
    if (outcome === undefined || this.#seen !== seen) return;
    if (outcome.kind !== 'conflict') return this.#close();
    this.#seen = outcome.current;
    onOther(outcome.current, true);
  }

  #close(): void {
    const { form, onOther, onClose } = this.#options;
    if (this.#seen === undefined) return;
    this.#seen = undefined;
    const hadFocus = form.contains(document.activeElement);
    form.hidden = true;
    onOther(undefined, false);
    onClose(hadFocus);
  }
}
