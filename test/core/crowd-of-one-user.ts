import type { Connection } from '../../core/connections/connection.ts';
import type { Admission } from '../../core/connections/admission.ts';
import { admit, endingSoonMs, mostRunning } from '../../core/connections/admission.ts';
import type { Questions } from '../../core/connections/questions.ts';
import { noQuestionsFor, windowAt } from '../../core/connections/questions.ts';
import type { ReturnMark } from '../../protocol/cursor.ts';
import { shortId } from '../../protocol/cursor.ts';
import { Random } from '../../faults/random.ts';

/** A page of the user: alive until it is closed, and connected as often as it needs. */
interface Client {
  readonly name: number;
  /** Forgets the ids of its frames, and whatever they say: it comes back as if it were new, whatever the reason was. */
  readonly isForgetful: boolean;
  /** Opens its next stream at the `handover`, before the one that it has is over. */
  readonly makesBeforeBreak: boolean;
  isAlive: boolean;
  /** The session that it listens to. */
  session: string | undefined;
  mark: ReturnMark | undefined;
}

/** How the crowd sees and behaves. Times in milliseconds. */
export interface CrowdOptions {
  readonly seed: number;
  readonly perUser: number;
  readonly sessionMs?: number;
  /** The chance that a connect does not see what was written within the last two seconds, for each item. */
  readonly blindness?: number;
}

type Item = { -readonly [Key in keyof Connection]: Connection[Key] } & {
  readonly addedAt: number;
  markedAt?: number;
};

const recentMs = 2000;

/** The streams of one user and the pages that they are for, in virtual time. The rules are the real ones. */
export class CrowdOfOneUser {
  now = Date.UTC(2026, 0, 1);
  readonly clients: Client[] = [];
  /** Names of clients that were ended for good, in that order. */
  readonly stopped: number[] = [];
  /** When streams were asked, epoch milliseconds. */
  readonly asked: number[] = [];
  /** How many streams one connect asked or ended, each time. */
  readonly writes: number[] = [];
  /** The most sessions that ran at a time. */
  mostSessions = 0;
  connects = 0;
  readonly #options: Required<CrowdOptions>;
  readonly #random: Random;
  readonly #items = new Map<string, Item>();
  readonly #owners = new Map<string, Client>();
  #questions: Questions | undefined;
  #events: { at: number; run: () => void }[] = [];
  #ids = 0;

  constructor(options: CrowdOptions) {
    this.#options = { sessionMs: 300_000, blindness: 0, ...options };
    this.#random = new Random(options.seed);
  }

  /** How many sessions run. */
  get sessions(): number {
    return this.#items.size;
  }

  /** The clients that are alive and were not stopped. */
  get living(): readonly Client[] {
    return this.clients.filter(({ isAlive, name }) => isAlive && !this.stopped.includes(name));
  }

  /** Opens a page. */
  open(isForgetful = false, makesBeforeBreak = false): Client {
    const client = {
      name: this.clients.length,
      isForgetful,
      makesBeforeBreak,
      isAlive: true,
      session: undefined,
      mark: undefined,
    };
    this.clients.push(client);
    this.#connect(client);
    return client;
  }

  /** Closes a page; with a word to the server it ends the session, without one it leaves it running. */
  close(client: Client, saysSo: boolean): void {
    client.isAlive = false;
    const item = this.#items.get(client.session ?? '');
    if (saysSo && item) this.#mark(item, 'disconnected');
    client.session = undefined;
  }

  /** Loads a page again, which says nothing to the server. */
  reload(client: Client): Client {
    this.close(client, false);
    return this.open(client.isForgetful, client.makesBeforeBreak);
  }

  /** Breaks a connection: the client comes back with a cursor that says of no end. */
  drop(client: Client): void {
    if (client.session === undefined) return;
    client.session = undefined;
    this.#later(this.#between(200, 3000), () => this.#connect(client));
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      this.#events.sort((a, b) => a.at - b.at);
      const [next] = this.#events;
      if (!next || next.at > until) break;
      this.#events.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
  }

  #between(from: number, to: number): number {
    return from + Math.floor(this.#random.next() * (to - from));
  }

  #later(milliseconds: number, run: () => void): void {
    this.#events.push({ at: this.now + milliseconds, run });
  }

  /** Opens the next stream of a client, if the one that it has is still there and the server has not asked it to end. */
  #handOver(client: Client, item: Item): void {
    if (!client.isAlive || client.session !== item.id || item.ended !== undefined) return;
    client.mark = markOf(item);
    client.session = undefined;
    this.#connect(client);
    // One that is told to wait has the stream that it had.
    client.session ??= item.id;
  }

  #connect(client: Client): void {
    if (!client.isAlive || client.session !== undefined || this.stopped.includes(client.name)) return;
    this.connects += 1;
    this.#ids += 1;
    const id = `${this.#ids.toString(16).padStart(8, '0')}-0000`;
    const { sessionMs } = this.#options;
    const newest: Item = {
      workspace: 'acme',
      user: 'alice',
      id,
      connectedAt: this.now,
      addedAt: this.now,
      deadline: this.now + this.#between(sessionMs * 0.75, sessionMs),
      born: client.mark?.born ?? this.now,
      after: client.mark?.after,
    };
    this.#items.set(id, newest);
    const admission = this.#admit(newest);
    if ('refused' in admission) {
      this.#items.delete(id);
      const noQuestionsMs = noQuestionsFor(this.#questions, this.#options.perUser, this.now);
      const waitMs = Math.max(5000, Math.min(noQuestionsMs, 300_000));
      return this.#later(this.#between(waitMs, 1.5 * waitMs), () => this.#connect(client));
    }
    this.mostSessions = Math.max(this.mostSessions, this.#items.size);
    client.session = id;
    this.#owners.set(id, client);
    this.#later(newest.deadline - this.now, () => this.#end(newest, 'session_length'));
    if (client.makesBeforeBreak)
      this.#later(newest.deadline - this.now - endingSoonMs, () => this.#handOver(client, newest));
    this.#bringAbout(admission);
  }

  #admit(newest: Item): Admission {
    const { perUser, blindness } = this.#options;
    const isUnseen = (at: number | undefined): boolean =>
      at !== undefined && this.now - at <= recentMs && this.#random.chance(blindness);
    const ofUser = [...this.#items.values()]
      .filter((item) => item === newest || !isUnseen(item.addedAt))
      .map((item) => (isUnseen(item.markedAt) ? { ...item, ended: undefined, endedAt: undefined } : item));
    const mayAsk = noQuestionsFor(this.#questions, perUser, this.now) === 0;
    const random = (): number => this.#random.next();
    return admit({ newest, ofUser, isWorkspaceFull: false, mayAsk, perUser, now: this.now, random });
  }

  #bringAbout({ asked, ended }: Extract<Admission, { asked: unknown }>): void {
    const all = asked.length + ended.length;
    this.writes.push(all);
    if (all === 0) return;
    const window = windowAt(this.#questions, this.#options.perUser, this.now);
    this.#questions = { ...window, asked: window.asked + all };
    for (const { id } of asked) {
      this.asked.push(this.now);
      this.#mark(this.#items.get(id), 'liveness_check');
    }
    for (const { id } of ended) this.#mark(this.#items.get(id), 'connection_limit');
  }

  #mark(item: Item | undefined, ended: 'liveness_check' | 'connection_limit' | 'disconnected'): void {
    if (!item || item.ended !== undefined) return;
    item.ended = ended;
    item.endedAt = this.now;
    item.markedAt = this.now;
    this.#later(this.#between(500, 4500), () => this.#end(item, ended));
  }

  #end(item: Item, reason: string): void {
    if (!this.#items.delete(item.id)) return;
    const client = this.#owners.get(item.id);
    if (!client?.isAlive || client.session !== item.id) return;
    client.session = undefined;
    if (reason === 'connection_limit' && !client.isForgetful) {
      this.stopped.push(client.name);
      return;
    }
    client.mark = client.isForgetful ? undefined : markOf(item);
    this.#later(this.#between(200, 3000), () => this.#connect(client));
  }

  /** The most sessions that the rules allow at a time. */
  get bound(): number {
    return mostRunning(this.#options.perUser);
  }
}

function markOf({ id, connectedAt, born = connectedAt }: Item): ReturnMark {
  return { after: shortId(id), born };
}
