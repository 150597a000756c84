import { pageElement } from './page-element.ts';
import type { TaskFields } from '../client/index.ts';
import { newIdempotencyKey } from '../client/index.ts';

/** The form for a new task. What stands in it is one task, however often it is sent. */
export class NewTaskForm {
  readonly #form = pageElement('create', HTMLFormElement);
  readonly #name = pageElement('task-name', HTMLInputElement);
  readonly #isPrivate = pageElement('task-private', HTMLInputElement);
  readonly #create: (fields: TaskFields, key: string) => Promise<boolean>;
  /** Of what stands in the form, once it was sent; undefined as soon as that is something else. */
  #key: string | undefined;

  /** @param create settles when the server has answered, or does not; true when the task was created. */
  constructor(create: (fields: TaskFields, key: string) => Promise<boolean>) {
    this.#create = create;
    this.#form.addEventListener('input', () => {
      this.#key = undefined;
      this.#form.ariaBusy = 'false';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  show(): void {
    this.#key = undefined;
    this.#form.hidden = false;
  }

  hide(): void {
    this.#form.hidden = true;
  }

  focus(): void {
    this.#name.focus();
  }

  async #submit(): Promise<void> {
    this.#key ??= newIdempotencyKey();
    const key = this.#key;
    this.#form.ariaBusy = 'true';
    const isDone = await this.#create(
      { name: this.#name.value, visibility: this.#isPrivate.checked ? 'private' : 'workspace' },
      key,
    );
    // What was typed meanwhile is the next task.
    if (this.#key !== key) return;
    this.#form.ariaBusy = 'false';
    if (!isDone) return;
    this.#key = undefined;
    this.#name.value = '';
  }
}
