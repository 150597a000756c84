import type { Clock } from '../../core/clock.ts';
import type { Probe } from '../../core/observer.ts';
import type { TaskCreated, TaskDeleted } from '../../protocol/events.ts';
import type { Message } from '../../protocol/frames.ts';
import { at } from './failure.ts';
import { Http, UnexpectedAnswer } from './http.ts';
import { ProbeStream } from './probe-stream.ts';
import type { NewTask } from './probe-task.ts';
import { isLeftOver, probeTask } from './probe-task.ts';
import { TaskApi } from './task-api.ts';
import type { CanaryToken, TokenSource } from './token-source.ts';

export interface AttemptOptions {
  readonly apiUrl: string;
  readonly streamUrl: string;
  readonly tokens: Pick<TokenSource, 'get'>;
  readonly clock: Clock;
  /** Names the run, and no other one. */
  readonly id: string;
}

/** The pause before what must be cleaned up is tried again, milliseconds. */
const pauseMs = 1000;

/** What is there once the canary has signed in. */
interface SignedIn {
  readonly token: CanaryToken;
  readonly api: TaskApi;
}

/** One run: a probe, and its cleaning up, which knows how far the probe has come. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #http = new Http();
  readonly #task: NewTask;
  #signedIn: SignedIn | undefined;
  #stream: ProbeStream | undefined;
  #connectionId: string | undefined;
  /** What is known of the task: nothing was written, it may be there, or it is there with this id. */
  #written: 'no' | 'perhaps' | number = 'no';

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#task = probeTask(options.id);
  }

  /**
   * Writes a task, hears of it, deletes it and hears of that.
   * @throws {ProbeFailure}
   */
  async probe(signal: AbortSignal): Promise<Probe> {
    const { apiUrl, clock } = this.#options;
    const token = await at('sign_in', this.#options.tokens.get(signal));
    const api = new TaskApi(this.#http, apiUrl, token.token);
    this.#signedIn = { token, api };
    const { stream, heldMs } = await at('connect', this.#listen(token, signal));
    const began = clock.now();
    const created = stream.until((data) => this.#isCreation(data));
    // Whether it was heard of counts only once it is written.
    created.catch(() => undefined);
    const id = await at('write', this.#write(api, signal));
    const answered = clock.now();
    const heard = await at('frame', created);
    await at('cleanup', this.#remove(api, id, signal));
    await at(
      'frame',
      stream.until((data): data is TaskDeleted => data.type === 'task.deleted' && data.taskId === id),
    );
    const since = (time: number): number => Math.max(0, time - began);
    return { writeToAnswerMs: since(answered), writeToFrameMs: since(heard.at), heldChunkMs: heldMs };
  }

  /**
   * Leaves nothing behind: neither stream nor task of this run, nor a task of an earlier one that could not.
   * @throws {ProbeFailure}
   */
  async cleanUp(signal: AbortSignal): Promise<void> {
    this.#stream?.close();
    try {
      if (this.#signedIn !== undefined) await at('cleanup', this.#leaveNothing(this.#signedIn, signal));
    } finally {
      this.#http.close();
    }
  }

  /** Opens the stream, and gives how long its first frame was on its way, as far as two clocks can say. */
  async #listen(
    { token }: CanaryToken,
    signal: AbortSignal,
  ): Promise<{ readonly stream: ProbeStream; readonly heldMs: number }> {
    const { streamUrl, clock } = this.#options;
    const stream = await ProbeStream.open({ http: this.#http, streamUrl, token, signal, clock });
    this.#stream = stream;
    const { data, at: heardAt } = await stream.established();
    this.#connectionId = data.connectionId;
    return { stream, heldMs: Math.max(0, heardAt - Date.parse(data.timestamp)) };
  }

  #isCreation(data: Message): data is TaskCreated {
    return data.type === 'task.created' && data.task.name === this.#task.name;
  }

  async #write(api: TaskApi, signal: AbortSignal): Promise<number> {
    this.#written = 'perhaps';
    try {
      this.#written = await api.create(this.#task, this.#options.id, signal);
      return this.#written;
    } catch (error) {
      if (isRefusal(error)) this.#written = 'no';
      throw error;
    }
  }

  async #remove(api: TaskApi, id: number, signal: AbortSignal): Promise<void> {
    await api.remove(id, signal);
    this.#written = 'no';
  }

  async #leaveNothing({ token, api }: SignedIn, signal: AbortSignal): Promise<void> {
    const connectionId = this.#connectionId;
    const done = await Promise.allSettled([
      connectionId === undefined
        ? undefined
        : this.#persist(() => api.disconnect(connectionId, signal), signal),
      this.#persist(() => this.#removeOwn(api, signal), signal),
      this.#persist(() => this.#sweep(api, token.sub, signal), signal),
    ]);
    for (const each of done) if (each.status === 'rejected') throw each.reason;
  }

  /**
   * Deletes the task of this run. Where its id is not known because the answer was lost, the same request with the same key
   * is asked again: it gives the id of the task that is there, and never writes a second one.
   */
  async #removeOwn(api: TaskApi, signal: AbortSignal): Promise<void> {
    if (this.#written === 'no') return;
    const id = this.#written === 'perhaps' ? await this.#write(api, signal) : this.#written;
    await this.#remove(api, id, signal);
  }

  /** Deletes what runs have left behind that were killed. */
  async #sweep(api: TaskApi, user: string, signal: AbortSignal): Promise<void> {
    for await (const tasks of api.list(signal)) {
      const left = tasks.filter((task) => isLeftOver(task, user, this.#options.clock.now()));
      for (const { id } of left) await api.remove(id, signal);
    }
  }

  /** Does what has to be done, again and again while it fails for what passes. */
  async #persist(action: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (isRefusal(error) || signal.aborted) throw error;
        await this.#options.clock.sleep(pauseMs, signal);
      }
    }
  }
}

/** Whether an error says that nothing was done, nor will be. */
function isRefusal(error: unknown): boolean {
  return error instanceof UnexpectedAnswer && error.status < 500 && error.status !== 429;
}
