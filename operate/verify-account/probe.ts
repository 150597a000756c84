import { randomBytes } from 'node:crypto';
import { paths } from '../../protocol/routes.ts';
import type { StreamOptions } from '../../tools/smoke/deployment.ts';
import type { ReceivedFrame } from '../../tools/smoke/event-stream.ts';
import { isObject, objectOf, unexpectedAnswer } from '../../tools/smoke/http-answer.ts';
import type { Connected } from '../../tools/smoke/stream-checks.ts';
import { connect } from '../../tools/smoke/stream-checks.ts';
import { removeTasks } from '../../tools/smoke/task-checks.ts';
import type { Context } from './context.ts';

/** A task that an experiment has made, and when its request began: milliseconds of `performance.now()`. */
export interface ProbeTask {
  readonly id: number;
  readonly began: number;
}

/** How long cleaning up may take, milliseconds, also after an experiment that was stopped. */
const cleanUpMs = 30_000;

/** What one experiment does at a stage as a client: the streams that it opens and the tasks that it makes go with it. */
export class Probe {
  readonly #context: Context;
  readonly #tasks = new Set<number>();
  readonly #streams: Connected[] = [];

  private constructor(context: Context) {
    this.#context = context;
  }

  /** Runs an experiment with a probe, and removes all that it has made, whatever comes of it. */
  static async during<Result>(context: Context, act: (probe: Probe) => Promise<Result>): Promise<Result> {
    const probe = new Probe(context);
    try {
      return await act(probe);
    } finally {
      await probe.#cleanUp();
    }
  }

  /** Opens a stream and waits for its first frame; gives the time to that frame too, milliseconds. */
  async open(options: StreamOptions = {}): Promise<Connected & { readonly ms: number }> {
    const { value, ms = NaN } = await connect(this.#context.deployment, this.#context.signal, options);
    this.#streams.push(value);
    return { ...value, ms };
  }

  /** Makes a task. */
  async write(): Promise<ProbeTask> {
    const name = `verify-account ${randomBytes(4).toString('hex')}`;
    const began = performance.now();
    const { deployment, signal } = this.#context;
    const answer = await deployment.request('POST', paths.tasks, { signal, body: { name } });
    const { task } = objectOf(answer, 201);
    if (!isObject(task) || typeof task['id'] !== 'number')
      throw unexpectedAnswer(answer, 'a task with an id');
    this.#tasks.add(task['id']);
    return { id: task['id'], began };
  }

  /** Whether the log has the beginning of a task already. */
  async isLogged({ id }: ProbeTask): Promise<true | undefined> {
    const { deployment, signal } = this.#context;
    const query = `?tasks=${id}&types=task.created&limit=1`;
    const { events } = objectOf(await deployment.request('GET', `${paths.events}${query}`, { signal }), 200);
    return Array.isArray(events) && events.length > 0 ? true : undefined;
  }

  async #cleanUp(): Promise<void> {
    const signal = AbortSignal.timeout(cleanUpMs);
    const { deployment, say } = this.#context;
    for (const { stream, connectionId } of this.#streams) {
      stream.close();
      // Else it runs, and is paid for, until its session ends.
      await deployment.disconnect(connectionId, signal).catch(() => undefined);
    }
    await removeTasks(deployment, signal, this.#tasks).catch((error: unknown) => say(String(error)));
  }
}

/** The frame that tells of the beginning of a task, where it has come. */
export function frameOf(frames: readonly ReceivedFrame[], { id }: ProbeTask): ReceivedFrame | undefined {
  return frames.find(
    ({ data }) => isObject(data) && data['type'] === 'task.created' && data['taskId'] === id,
  );
}

/**
 * Waits for the frame of a task on a stream.
 * @returns undefined when it has not come in time, or the stream has ended.
 */
export async function awaitFrame(
  { stream }: Connected,
  task: ProbeTask,
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  limitMs: number,
): Promise<ReceivedFrame | undefined> {
  const late = new AbortController();
  const stop = AbortSignal.any([signal, late.signal]);
  void clock.sleep(limitMs, stop).then(() => late.abort());
  const found = await stream.until((frames) => frameOf(frames, task), stop);
  late.abort();
  signal.throwIfAborted();
  return found;
}
