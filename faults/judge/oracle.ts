import type { Task } from '../../protocol/task.ts';
import type { Ledger } from './ledger.ts';
import { eventKey, statusChange, taskKey } from './ledger.ts';
import type { Heard } from '../board/heard.ts';
import type { Replica } from '../board/replica.ts';
import type { User } from './visibility.ts';
import { maySee } from './visibility.ts';

/** What a client got against what it must get. */
export interface Verdict {
  readonly delivered: number;
  /** Those of them that came over WebSockets. */
  readonly bySocket: number;
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: number;
  /** Each finding in words. */
  readonly findings: readonly string[];
}

/** What is judged of a client. */
export type JudgedClient = Pick<
  Replica,
  'user' | 'heard' | 'tasks' | 'backwards' | 'violations' | 'toldAfterEnd'
> &
  Partial<Pick<Replica, 'transport'>> & {
    readonly source: Pick<Replica['source'], 'finalStatus'>;
  };

type HeardEvent = Extract<Heard, { kind: 'event' }>;
type Fault = 'lost' | 'doubled' | 'leaked';

/**
 * Compares all that a client heard, and the board that it made of it, with what was written.
 * @param table the tasks as the tasks table holds them now.
 */
export function judge(replica: JudgedClient, ledger: Ledger, table: ReadonlyMap<number, Task>): Verdict {
  return new Judgement(replica, ledger, table).verdict();
}

/** Judges a client that has left before the end. */
export function judgeGone(replica: JudgedClient, ledger: Ledger, table: ReadonlyMap<number, Task>): Verdict {
  return new Judgement(replica, ledger, table).goneVerdict();
}

class Judgement {
  readonly #replica: JudgedClient;
  readonly #user: User;
  readonly #ledger: Ledger;
  readonly #table: ReadonlyMap<number, Task>;
  readonly #events: readonly HeardEvent[];
  readonly #counts: Record<Fault, number> = { lost: 0, doubled: 0, leaked: 0 };
  readonly #findings: string[] = [];

  constructor(replica: JudgedClient, ledger: Ledger, table: ReadonlyMap<number, Task>) {
    this.#replica = replica;
    this.#user = replica.user;
    this.#ledger = ledger;
    this.#table = table;
    this.#events = replica.heard.filter((heard) => heard.kind === 'event');
  }

  verdict(): Verdict {
    this.#judgeEnd();
    this.#judgeIds();
    this.#judgeState();
    this.#judgeReloads();
    const byTask = Map.groupBy(this.#events, ({ taskId }) => taskId);
    for (const id of new Set([...this.#ledger.taskIds, ...byTask.keys()])) {
      this.#judgeTask(id, byTask.get(id) ?? []);
    }
    // What a list was ahead of may come again.
    const neverLoaded = this.#replica.heard.every(({ kind }) => kind === 'event');
    if (neverLoaded && this.#replica.backwards > 0) {
      this.#find('lost', `${this.#replica.backwards} versions went backwards`);
    }
    return this.#result();
  }

  /** What can be said of a client that has left: all that it heard was right, and nothing came twice. */
  goneVerdict(): Verdict {
    this.#judgeIds();
    this.#judgeReloads();
    for (const [id, events] of Map.groupBy(this.#events, ({ taskId }) => taskId)) {
      if (!this.#judgeRights(id, events) || this.#ledger.isWaived(id)) continue;
      const tooMany = subtract(events.map(keyOf), this.#ledger.expected(id, this.#user));
      for (const key of tooMany) this.#find('doubled', `task ${id}: ${key}`);
    }
    return this.#result();
  }

  #result(): Verdict {
    for (const what of this.#replica.toldAfterEnd) this.#find('leaked', what);
    const violations = this.#replica.violations.map((what) => `${this.#user.sub}: ${what}`);
    const findings = [...this.#findings, ...violations];
    const delivered = this.#events.length;
    const bySocket = this.#replica.transport === 'socket' ? delivered : 0;
    return { delivered, bySocket, ...this.#counts, findings };
  }

  #find(fault: Fault, what: string): void {
    this.#counts[fault] += 1;
    this.#findings.push(`${fault} for ${this.#user.sub}: ${what}`);
  }

  /** A browser that got another status than 200 never comes back. */
  #judgeEnd(): void {
    const { finalStatus } = this.#replica.source;
    if (finalStatus !== undefined) this.#find('lost', `the stream ended for good with status ${finalStatus}`);
  }

  #judgeIds(): void {
    const seen = new Set<string>();
    for (const { id, type, taskId } of this.#events) {
      if (id === '' || seen.has(id)) this.#find('doubled', `${type} of task ${taskId} with the id "${id}"`);
      seen.add(id);
    }
  }

  /** The board of the client must be what its user may see in the table. */
  #judgeState(): void {
    const { tasks } = this.#replica;
    for (const [id, task] of this.#table) {
      if (!maySee(this.#user, task)) continue;
      const shown = tasks.get(id);
      if (shown === undefined) this.#find('lost', `task ${id} is not on the board`);
      else if (taskKey(shown) !== taskKey(task)) {
        this.#find('lost', `task ${id} is shown as ${taskKey(shown)} and is ${taskKey(task)}`);
      }
    }
    for (const id of tasks.keys()) {
      const task = this.#table.get(id);
      if (task === undefined) this.#find('lost', `task ${id} is on the board and deleted`);
      else if (!maySee(this.#user, task)) this.#find('leaked', `task ${id} is still on the board`);
    }
  }

  #judgeReloads(): void {
    for (const heard of this.#replica.heard) {
      if (heard.kind !== 'reload') continue;
      for (const task of heard.tasks.values()) {
        if (!maySee(this.#user, task)) this.#find('leaked', `task ${task.id} in the list of tasks`);
      }
    }
  }

  /** Whether the user could ever see what was told of a task. */
  #judgeRights(id: number, events: readonly HeardEvent[]): boolean {
    for (const { task, type } of events) {
      if (task !== undefined && !maySee(this.#user, task)) this.#find('leaked', `${type} of task ${id}`);
    }
    if (events.length > 0 && !this.#ledger.everVisible(id, this.#user)) {
      this.#find('leaked', `${events[0]!.type} of task ${id}, which this user never could see`);
      return false;
    }
    return true;
  }

  #judgeTask(id: number, events: readonly HeardEvent[]): void {
    if (!this.#judgeRights(id, events) || this.#ledger.isWaived(id)) return;
    const expected = this.#ledger.expected(id, this.#user);
    const heard = events.map(keyOf);
    const missing = subtract(expected, heard);
    const tooMany = subtract(heard, expected);
    for (const key of tooMany) this.#find('doubled', `task ${id}: ${key}`);
    const excused = this.#excused(id, expected);
    for (const key of subtract(missing, excused)) this.#find('lost', `task ${id}: ${key}`);
    if (missing.length + tooMany.length === 0 && heard.join('\n') !== expected.join('\n')) {
      this.#find('lost', `task ${id}: the events came in another order`);
    }
  }

  /** What a client need not have heard, because it loaded the state after it. */
  #excused(id: number, expected: readonly string[]): readonly string[] {
    const last = this.#replica.heard.findLast((heard) => heard.kind === 'reload');
    if (last === undefined) return [];
    const loaded = last.tasks.get(id);
    // A state without the task may be from before it, and then excuses nothing, or from after one of its deletions.
    if (loaded === undefined) return expected.slice(0, expected.lastIndexOf('task.deleted') + 1);
    const key = taskKey(loaded);
    return expected.slice(0, expected.findLastIndex((event) => event.endsWith(` ${key}`)) + 1);
  }
}

function keyOf({ type, task, from, to }: HeardEvent): string {
  return eventKey(type === 'task.status_changed' ? statusChange(String(from), String(to)) : type, task);
}

/** What is left of a list without what another one holds, as often as it holds it. */
function subtract(list: readonly string[], without: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const key of without) counts.set(key, (counts.get(key) ?? 0) + 1);
  return list.filter((key) => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count - 1);
    return count <= 0;
  });
}
