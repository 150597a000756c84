import { Conditions } from './conditions.ts';
import type { Task } from '../../protocol/task.ts';
import type { Frame } from './frame-order.ts';
import type { Heard } from './heard.ts';
import { readEvent } from './heard.ts';
import { loadTasks } from './load-tasks.ts';
import type { TransportName } from './open-source.ts';
import type { Onlooker } from './onlooker.ts';
import { openSource } from './open-source.ts';
import type { Source, SourceEnd } from './source.ts';
import type { Random } from '../random.ts';
import type { User } from '../judge/visibility.ts';
import { filterOf } from '../judge/visibility.ts';

/** Stands where else is why a client loaded everything again. */
const beginning = 'beginning';

/** A client of the contract, with its copy of the board. */
export interface ReplicaOptions {
  readonly origin: string;
  readonly user: User;
  readonly token: string;
  /** Default `stream`. */
  readonly transport?: TransportName | undefined;
  readonly random: Random;
  /** Number of frames after which the client cuts its stream, drawn anew each time; never when it is left out. */
  readonly cutAfter?: readonly [number, number] | undefined;
  /** The list of tasks that the client begins with; an empty board from now on, when it is left out. */
  readonly begin?: { readonly tasks?: readonly Task[]; readonly streamCursor?: string } | undefined;
  /** The board and the cursor of another client, as they are: a page that goes on as somebody else. */
  readonly inherits?: Replica | undefined;
  /** Asks for a lease of so many seconds, and may forget to renew it. */
  readonly lease?: number | undefined;
  /** Opens its next stream at a `handover`, and drops what both of them bring. */
  readonly makesBeforeBreak?: boolean | undefined;
  /** Asks for other users too, and gives this what it is told of them. */
  readonly onlooker?: Onlooker | undefined;
}

/**
 * Follows the board of one user as docs/PROTOCOL.md asks of a client: applies each event unless the version that it has
 * is higher, and loads everything again when a `resume` is not complete.
 */
export class Replica {
  readonly user: User;
  readonly heard: Heard[] = [];
  readonly tasks = new Map<number, Task>();
  /** Events with a version lower than the client had; after a reload there may be some. */
  backwards = 0;
  /** Answers to its loading that no client may ever get, in words. */
  readonly refusedLoads: string[] = [];
  /** How often the client cut its own stream. */
  cuts = 0;
  /** How often the client went over to its next stream before the one before had ended. */
  handovers = 0;
  /** How long before the end each handover was announced, milliseconds. */
  readonly leads: number[] = [];
  /** The server's name of the last stream. */
  connectionId: unknown;
  readonly #sources: Source[] = [];
  readonly #options: ReplicaOptions;
  readonly #conditions = new Conditions();
  /** Gives its cursor in the query, as clients do that are no browsers. */
  readonly #prefersQuery: boolean;
  /** Id of a task event → the stream that brought it first. */
  readonly #seen = new Map<string, Source>();
  #token = '';
  #untilCut: number;
  readonly #unheard: (Heard | { readonly kind: 'load'; readonly reason: string })[] = [];
  /** Which of the source's connections got its first frame last. */
  #establishedOn = -1;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.user = options.user;
    this.#untilCut = this.#drawCut();
    const { random, begin, inherits } = options;
    this.#prefersQuery = options.cutAfter !== undefined && random.chance(0.3);
    if (begin !== undefined) {
      const tasks = new Map((begin.tasks ?? []).map((task) => [task.id, task]));
      this.#hear({ kind: 'reload', reason: beginning, tasks });
    }
    for (const [id, task] of inherits?.tasks ?? []) this.tasks.set(id, task);
    this.#open(options.token, begin?.streamCursor ?? inherits?.source.cursor);
  }

  /** What brings the client its events. */
  get transport(): TransportName {
    return this.#options.transport ?? 'stream';
  }

  /** Whether the client opens its next stream at a `handover`. */
  get makesBeforeBreak(): boolean {
    return this.transport === 'stream' && this.#options.makesBeforeBreak === true;
  }

  /** The client's stream; the last one that it opened. */
  get source(): Source {
    return this.#sources.at(-1)!;
  }

  /** Frames that came where they may not, in words. */
  get violations(): readonly string[] {
    return this.#sources.flatMap(({ violations }) => violations);
  }

  /** What was told after an `end`, over a WebSocket, in words. */
  get toldAfterEnd(): readonly string[] {
    return this.#sources.flatMap(({ toldAfterEnd }) => toldAfterEnd);
  }

  /** The connections that ended without the client's doing. */
  get ends(): readonly SourceEnd[] {
    return this.#sources.flatMap(({ ends }) => ends);
  }

  /** Opens a new stream on purpose, with another token or the same, from where the last one was. */
  reopen(token = this.#token): void {
    const { cursor } = this.source;
    this.source.close();
    this.#open(token, cursor, true);
  }

  #open(token: string, cursor: string | undefined, cursorInQuery = this.#prefersQuery): void {
    const { origin, lease, random, onlooker } = this.#options;
    this.#token = token;
    this.#establishedOn = -1;
    const { transport, user } = this;
    const source = openSource({
      transport,
      origin,
      user,
      token,
      cursor,
      cursorInQuery,
      lease,
      presence: onlooker !== undefined,
      random,
      onFrame: (frame) => this.#receive(frame, source),
      onEnd: () => this.#wake(),
    });
    this.#sources.push(source);
  }

  /**
   * Waits until a condition is fulfilled, which is looked at after each frame.
   * @returns false when it is not within so many milliseconds.
   */
  until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    return this.#conditions.until(condition, milliseconds);
  }

  /** Waits until a stream is open; false when none is within so many milliseconds. */
  established(milliseconds: number): Promise<boolean> {
    return this.until(
      () => this.source.isConnected && this.#establishedOn === this.source.connections,
      milliseconds,
    );
  }

  /** Why the client had to load everything again, each time. */
  get reloadReasons(): readonly string[] {
    return this.heard.flatMap((heard) =>
      heard.kind === 'reload' && heard.reason !== beginning ? [heard.reason] : [],
    );
  }

  /** How often the client had to load everything again. */
  get reloads(): number {
    return this.reloadReasons.length;
  }

  /** Forgets what it has heard so far, and goes on from the board that it has: all that follows must be heard. */
  restart(): void {
    this.heard.length = 0;
    this.backwards = 0;
    this.refusedLoads.length = 0;
    for (const { violations, toldAfterEnd } of this.#sources) {
      violations.length = 0;
      toldAfterEnd.length = 0;
    }
    this.cuts = 0;
    this.#untilCut = this.#drawCut();
  }

  /** Cuts no more: what is under way is to arrive. */
  steady(): void {
    this.#untilCut = Infinity;
  }

  /** Leaves for good. */
  close(): void {
    for (const source of this.#sources) source.close();
  }

  #drawCut(): number {
    const { cutAfter, random } = this.#options;
    return cutAfter === undefined ? Infinity : random.integer(...cutAfter);
  }

  #receive(frame: Frame, source: Source): void {
    const { event, data } = frame;
    this.#options.onlooker?.take(frame);
    if (event === undefined && data.type === 'connection.established') {
      this.connectionId = data['connectionId'];
      this.#establishedOn = source.connections;
      this.#closeBefore(source);
    } else if (event === 'resume' && data['complete'] === false) {
      this.#hear({ kind: 'load', reason: String(data.reason) });
    } else if (event === 'handover' && this.makesBeforeBreak) {
      this.leads.push(Date.parse(String(data['endsAt'])) - frame.at);
      this.#open(this.#token, source.cursor);
    } else if (data.type?.startsWith('task.') === true && !this.#isKnown(frame, source)) {
      this.#hear(readEvent(frame));
    }
    this.#wake();
    this.#untilCut -= 1;
    if (this.#untilCut > 0) return;
    this.#untilCut = this.#drawCut();
    this.cuts += 1;
    source.cut();
  }

  /** Closes the stream before, now that its successor is there. */
  #closeBefore(source: Source): void {
    const before = this.#sources[this.#sources.indexOf(source) - 1];
    if (before === undefined || before.isClosed) return;
    before.close();
    this.handovers += 1;
  }

  /** Whether the other stream brought a frame already: a client drops it then. */
  #isKnown({ id }: Frame, source: Source): boolean {
    if (!this.makesBeforeBreak || id === undefined) return false;
    const first = this.#seen.get(id) ?? source;
    this.#seen.set(id, first);
    return first !== source;
  }

  /** Takes what the stream brings in its order, also while the state is being loaded. */
  #hear(heard: Heard | { readonly kind: 'load'; readonly reason: string }): void {
    this.#unheard.push(heard);
    if (this.#unheard.length === 1) void this.#hearAll();
  }

  async #hearAll(): Promise<void> {
    for (let next = this.#unheard[0]; next !== undefined; next = this.#unheard[0]) {
      const heard: Heard =
        next.kind === 'load' ? { kind: 'reload', reason: next.reason, tasks: await this.#load() } : next;
      this.heard.push(heard);
      this.#apply(heard);
      this.#unheard.shift();
    }
    this.#wake();
  }

  #apply(heard: Heard): void {
    if (heard.kind === 'reload') {
      this.tasks.clear();
      for (const [id, task] of heard.tasks) this.tasks.set(id, task);
      return;
    }
    const { taskId, task } = heard;
    if (task === undefined) {
      this.tasks.delete(taskId);
      return;
    }
    const known = this.tasks.get(taskId);
    if (known !== undefined && known.version > task.version) this.backwards += 1;
    else this.tasks.set(taskId, task);
  }

  #load(): Promise<Map<number, Task>> {
    const { origin } = this.#options;
    const isWanted = (): boolean => this.source.isAlive;
    return loadTasks(origin, this.#token, filterOf(this.user), isWanted, this.refusedLoads);
  }

  #wake(): void {
    this.#conditions.check();
  }
}
