import type { Viewer, ViewerState } from '../../../protocol/awareness.ts';
import { typingSeconds } from '../../../protocol/awareness.ts';
import type { PresenceFound } from '../../../core/awareness/awareness.ts';
import { viewersFor } from '../../../core/awareness/awareness.ts';
import type { AwarenessEntry, PresenceEntry } from '../../../core/awareness/entries.ts';
import type { SeenTask } from '../../../core/awareness/seen-task.ts';
import type { PresenceRecord } from '../../../core/awareness/presence.ts';
import { firstEnd, presenceOf, tells, withoutExpired, withView } from '../../../core/awareness/presence.ts';
import { forEachOf } from '../../../core/for-each.ts';
import type { Observer } from '../../../core/observer.ts';
import { Refusal } from '../../../core/refusal.ts';
import type { Principal } from '../../../core/subscription/principal.ts';
import { canSee } from '../../../core/subscription/visibility.ts';
import type { PresenceStore } from '../dynamodb/presence-store.ts';
import type { TypingStore } from '../dynamodb/typing-store.ts';
import type { WhoIsTherePorts } from './who-is-there.ts';
import { seenTasks, whoIsThere } from './who-is-there.ts';

export interface AwarenessServiceOptions extends WhoIsTherePorts {
  readonly presence: Pick<PresenceStore, 'list' | 'readNeighbourhood' | 'put' | 'say'>;
  readonly typing: Pick<TypingStore, 'note'>;
  /** Hands what was said on to those who are pushed to; never rejects. */
  readonly handOn: (workspace: string, entries: readonly AwarenessEntry[]) => Promise<void>;
  readonly observer: Pick<Observer, 'trouble'>;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What a page says of itself. */
export interface SaidView {
  readonly viewId: string;
  /** `left` where it closes. */
  readonly state: ViewerState | 'left';
  readonly task: number | undefined;
  readonly leaseSeconds: number;
}

/** How often it starts again when another page of the same user was faster, and how long it waits then, milliseconds for each. */
const attempts = 24;
const againMs = 10;

/** How many other users one request looks after: in all, and at a time. */
const mostLookedAfter = 10;
const atATime = 5;

/** Who is viewing and who is typing, apart from what carries it. */
export class AwarenessService {
  readonly #options: AwarenessServiceOptions;

  constructor(options: AwarenessServiceOptions) {
    this.#options = options;
  }

  /**
   * Notes what a page says of itself, and looks after the users who come next by name.
   * @returns until when it counts, epoch milliseconds.
   * @throws {Refusal} 404 for a task that the caller may not see; 429 for who says too much; 409 when other pages of the
   *   user kept writing.
   */
  async view(principal: Principal, { viewId, state, task, leaseSeconds }: SaidView): Promise<number> {
    const { presence, now: clock, pause } = this.#options;
    const { workspace, user } = principal;
    // A page that closes is at no task, and the one that it was at may be gone.
    const open = state === 'left' ? undefined : task;
    const seen = open === undefined ? undefined : await this.#seenTask(principal, open);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const { own, others } = await presence.readNeighbourhood(workspace, user);
      const now = clock();
      const until = now + leaseSeconds * 1000;
      const view =
        state === 'left' ? undefined : { state, until, at: now, ...(open !== undefined && { task: open }) };
      const record = withView(own, user, viewId, view, now, seen);
      if (record === undefined) throw tooOften('the pages of a user may say 2 things a second');
      const isNoted =
        (presenceOf(own) === undefined && presenceOf(record) === undefined) ||
        (await this.#put(workspace, own, record, now));
      if (isNoted) {
        await this.#lookAfterAll(workspace, others, now);
        return record.views[viewId]?.until ?? now;
      }
      await pause(Math.random() * againMs * attempt);
    }
    throw new Refusal('conflict', 'other pages of yours kept writing: try again');
  }

  /** Looks after some users, for one who only watches. Never rejects: others do it too. */
  async lookAround({ workspace, user }: Principal): Promise<void> {
    const { presence, observer, now } = this.#options;
    try {
      const { others } = await presence.readNeighbourhood(workspace, user);
      await this.#lookAfterAll(workspace, others, now());
    } catch (error) {
      observer.trouble('it cannot be looked who has gone', error);
    }
  }

  /** Who is viewing, as far as the principal may know. */
  async list(principal: Principal): Promise<readonly Viewer[]> {
    const found = await this.look(principal.workspace);
    return viewersFor(principal, found, found.at);
  }

  /**
   * As `whoIsThere` has it. Of those who have gone without a word it looks after some, so that whoever is shown that they are
   * not there is not told later that they have left.
   */
  async look(workspace: string): Promise<PresenceFound> {
    const found = await whoIsThere(workspace, this.#options);
    await this.#lookAfterAll(workspace, found.records, found.at);
    return found;
  }

  /**
   * Notes that the caller types at a task, and so at no other, or has stopped.
   * @returns until when it counts, epoch milliseconds.
   * @throws {Refusal} 404 for a task that the caller may not see; 429 for more than one a second.
   */
  async type(principal: Principal, id: number, isTyping: boolean): Promise<number> {
    const { typing, presence, handOn, now } = this.#options;
    const { workspace, user } = principal;
    const task = await this.#seenTask(principal, id);
    const at = now();
    const until = isTyping ? at + typingSeconds * 1000 : at;
    const before = await typing.note(principal, { task: id, until }, at);
    if (before === 'too_often') throw tooOften('say once in a few seconds that you are typing');
    const current = before && before.until > at ? before : undefined;
    const goesOn = current?.task === id;
    if (!isTyping && !goesOn) return until;
    const [left] = current && !goesOn ? (await this.#seen(workspace, [current.task])).tasks : [];
    const stopped: AwarenessEntry[] = left ? [{ kind: 'typing', user, task: left, until: at, at }] : [];
    const entries: AwarenessEntry[] = [...stopped, { kind: 'typing', user, task, until, at }];
    await presence.say(workspace, entries);
    await handOn(workspace, entries);
    return until;
  }

  #seen(workspace: string, ids: readonly number[]): ReturnType<typeof seenTasks> {
    return seenTasks(workspace, ids, this.#options.tasks);
  }

  async #seenTask(principal: Principal, id: number): Promise<SeenTask> {
    const [task] = (await this.#seen(principal.workspace, [id])).tasks;
    if (task === undefined || !canSee(principal, task.facts)) {
      throw new Refusal('task_not_found', `there is no task ${id} that you may see`);
    }
    return task;
  }

  /** Looks after the first few of some users who need it. */
  async #lookAfterAll(workspace: string, records: readonly PresenceRecord[], now: number): Promise<void> {
    const changed = records.filter((record) => tells(record, withoutExpired(record, now)));
    await forEachOf(changed.slice(0, mostLookedAfter), atATime, (record) =>
      this.#lookAfter(workspace, record, now),
    );
  }

  /** Says that a user has gone whose pages have all gone without a word, or is at other tasks by those that are left. */
  async #lookAfter(workspace: string, record: PresenceRecord, now: number): Promise<void> {
    const living = withoutExpired(record, now);
    const revision = Math.max(now, record.revision + 1);
    try {
      await this.#put(workspace, record, { ...living, revision }, now);
    } catch (error) {
      this.#options.observer.trouble('it cannot be said that a user has gone', error);
    }
  }

  /** @returns false when somebody else was faster. */
  async #put(
    workspace: string,
    before: PresenceRecord | undefined,
    record: PresenceRecord,
    now: number,
  ): Promise<boolean> {
    const { presence, handOn } = this.#options;
    const isChanged = record.revision !== before?.revision;
    const entry = isChanged ? await this.#entry(workspace, before, record, now) : undefined;
    const told = entry?.tasks.filter(({ id }) => entry.after?.tasks.includes(id));
    if (!(await presence.put(workspace, before, { ...record, ...(told && { told }) }, entry))) return false;
    if (entry) await handOn(workspace, [entry]);
    return true;
  }

  async #entry(
    workspace: string,
    before: PresenceRecord | undefined,
    record: PresenceRecord,
    at: number,
  ): Promise<PresenceEntry> {
    const told = { before: presenceOf(before), after: presenceOf(record) };
    const ids = new Set([...(told.before?.tasks ?? []), ...(told.after?.tasks ?? [])]);
    const { tasks } = await this.#seen(workspace, [...ids]);
    const { user, revision } = record;
    const until = told.after && firstEnd(record);
    return {
      kind: 'presence',
      user,
      revision,
      ...told,
      ...(until !== undefined && { until }),
      tasks,
      ...(before?.told && { told: before.told }),
      at,
    };
  }
}

function tooOften(advice: string): Refusal {
  return new Refusal('throttled', `too often: ${advice}`, { retryAfterSeconds: 1 });
}
