import { tokenExpired } from '../connection/end-words.ts';
import { Liveness } from '../connection/liveness.ts';
import type { ConnectionStatus, Source } from '../connection/source.ts';
import { AwarenessMemory } from './awareness-memory.ts';
import { Delivery } from './delivery.ts';
import type { Answer, Message, News, Question } from './messages.ts';
import type { Entry, Item } from './shared-log.ts';
import { SharedLog } from './shared-log.ts';
import type { MemberOptions, Surroundings } from './surroundings.ts';

/** A leader that runs answers within milliseconds, also in a hidden page, whose timers are slow and its messages not. */
const answerMs = 5_000;
/** A ping comes with the stream every 15 s usually; when one is late, the leader is asked. */
const quietMs = 20_000;

/** A tab among those that share a stream: the leader, which has a session, or one that hears of it from the leader. */
export class Member {
  readonly #around: Surroundings;
  readonly #options: MemberOptions;
  readonly #log: SharedLog;
  readonly #delivery: Delivery;
  #awareness = new AwarenessMemory();
  /** Of itself, or of the leader that it follows. */
  #term = 0;
  #isLeading = false;
  /** Whether it shares nothing any more. */
  #isAlone = false;
  #session: Source | undefined;
  /** What it has heard and not told yet. */
  #held: Entry[] = [];
  #status: ConnectionStatus = { state: 'connecting' };
  /** Number of the last question, and when it was asked; undefined when it was answered. */
  #question = 0;
  #askedAt: number | undefined;
  /** When the leader was heard, and whether frames come. */
  #heardAt = 0;
  readonly #frames: Liveness;
  /** Why the stream is denied, as far as this tab has tried or was told. */
  #denial: ConnectionStatus | undefined;
  /** Why the server has ended the last session. */
  #end: string | undefined;

  constructor(around: Surroundings, options: MemberOptions) {
    this.#around = around;
    this.#options = options;
    this.#log = new SharedLog(options.cursor ?? '', options.kept);
    this.#delivery = new Delivery(this.#log, options.listener, Boolean(options.cursor));
    this.#frames = new Liveness(around.clocks);
  }

  /** Joins the others; where it has, its user wants another attempt. */
  open(isJoined: boolean): void {
    this.#denial = undefined;
    this.#isLeading ||= this.#isAlone;
    if (this.#isLeading) return this.#begin();
    if (!isJoined) {
      this.#tell({ state: this.#delivery.isStarted ? 'recovering' : 'connecting' });
      // Before it asks, so that a leader which is denied then comes to stand behind this tab.
      this.#around.lock(false);
    }
    this.#ask(true);
  }

  /** Leaves the others. */
  leave(status: ConnectionStatus): void {
    this.#resign(status);
    this.#around.unlock();
    this.#tell(status);
  }

  /** It has the lock. */
  granted(): void {
    this.#isLeading = true;
    // Greater than all that this tab has heard of, usually than all that there were, and nobody else's.
    this.#term = Math.floor(Math.max(this.#term, this.#around.clocks.now() / 1000)) + 1 + this.#around.id;
    this.#recover();
    // All others have been before it in the queue, and were denied too.
    if (this.#denial) this.#tell(this.#denial);
    this.#say(this.#log.next, []);
    if (!this.#denial) this.#begin();
  }

  /** Another tab has taken the lock away. */
  robbed(): void {
    this.#resign({ state: 'recovering' });
    this.#recover();
    this.#around.lock(false);
    this.#ask(false);
  }

  /**
   * Looks whether the leader is there.
   * @param isDoubted something speaks against it, such as a machine that has slept.
   */
  look(isDoubted: boolean): void {
    if (this.#isLeading) return;
    const now = this.#around.clocks.monotonic();
    if (isDoubted) this.#ask(false);
    else if (this.#askedAt !== undefined) {
      if (now - this.#askedAt > answerMs) this.#steal();
    } else if (this.#status.state === 'live' && this.#frames.isSilent) this.#steal();
    else if (now - this.#heardAt > quietMs) this.#ask(false);
  }

  receive(message: Message): void {
    if ('question' in message) return this.#answer(message);
    const { term, answer } = message;
    if (this.#isLeading || term < this.#term || (answer && answer.to !== this.#around.id)) return;
    const isNew = term > this.#term;
    this.#term = term;
    this.#heardAt = this.#around.clocks.monotonic();
    if (answer?.question === this.#question && this.#askedAt !== undefined) {
      this.#askedAt = undefined;
      this.#delivery.join(message as Required<News>);
      this.#mirror(message);
    } else if (isNew) this.#ask(false);
    else if (!answer && this.#askedAt === undefined) this.#follow(message);
  }

  #follow(news: News): void {
    if (news.at > this.#log.next) return this.#ask(false);
    if (news.at < this.#log.next) return;
    for (const entry of news.entries) this.#delivery.take(entry);
    this.#mirror(news);
  }

  #mirror({ status, entries }: News): void {
    if (entries.length > 0 || this.#status.state !== 'live') this.#frames.heard();
    this.#tell(status);
    if (status.state === 'denied') this.#denial = status;
  }

  #ask(wanted: boolean): void {
    const { first, terms } = this.#log;
    this.#question += 1;
    this.#askedAt = this.#around.clocks.monotonic();
    this.#around.post({
      from: this.#around.id,
      term: this.#term,
      question: this.#question,
      first,
      terms,
      wanted,
    });
  }

  #answer({ from, term, question, first, terms, wanted }: Question): void {
    // Everybody tries again, each when its turn comes.
    if (wanted) this.#denial = undefined;
    // Whoever follows a later leader means that one.
    if (!this.#isLeading || term > this.#term) return;
    if (wanted && !['live', 'connecting'].includes(this.#status.state)) this.#begin();
    const agreed = this.#log.agreesUpTo(first, terms);
    const at = agreed ?? this.#log.next;
    this.#say(at, this.#log.from(at), {
      to: from,
      question,
      term: this.#log.terms[at - this.#log.first]!,
      cursor: this.#log.cursorAt(at),
      isReset: agreed === undefined,
      awareness: agreed === undefined ? this.#awareness.frames : [],
    });
  }

  #say(at: number, entries: readonly Entry[], answer?: Answer): void {
    if (!this.#isLeading || this.#isAlone) return;
    const news = { from: this.#around.id, term: this.#term, status: this.#status, at, entries };
    this.#around.post(answer ? { ...news, answer } : news);
  }

  #steal(): void {
    // Until it leads, or has joined another leader, it hears nothing that follows what it has.
    this.#askedAt = this.#around.clocks.monotonic();
    this.#recover();
    this.#around.lock(true);
  }

  /** Opens the stream of a leader. */
  #begin(): void {
    const term = this.#term;
    const isOver = (): boolean => !this.#isLeading || term !== this.#term;
    this.#session ??= this.#options.createSession(this.#log.cursorAt(this.#log.next) || undefined, {
      onFrame: (frame) => isOver() || this.#publish(frame),
      onReload: (reason) => isOver() || this.#publish(reason),
      onStatus: (status) => isOver() || this.#changed(status),
    });
    this.#session.open();
  }

  #publish(item: Item): void {
    const entry = { term: this.#term, item };
    if (item === 'rights_changed') {
      // The token is of somebody else now, and what follows is no affair of the others.
      this.#isAlone = true;
      this.#around.unlock();
    } else if (typeof item === 'object') {
      if (item.name === 'end') this.#end = (JSON.parse(item.data) as { readonly reason: string }).reason;
      this.#awareness.note(item);
    }
    this.#held.push(entry);
    // The first frame goes with the word that the stream has begun, so that nobody has the one without the other.
    if (typeof item === 'object' && item.id !== '' && this.#log.cursorAt(this.#log.next) === '') return;
    this.#say(this.#log.next, this.#held);
    for (const each of this.#held.splice(0)) this.#delivery.take(each);
  }

  /** The session's status has changed. */
  #changed(status: ConnectionStatus): void {
    const { state, reason } = status;
    // A token that is refused is this tab's alone; what the server has ended for good is over for all.
    if (state === 'denied' && (reason !== this.#end || reason === tokenExpired) && !this.#isAlone) {
      this.#resign(status);
      this.#denial = status;
      this.#around.lock(false);
    } else {
      this.#tell(status);
      this.#say(this.#log.next, []);
    }
  }

  /** Leads no more. */
  #resign(status: ConnectionStatus): void {
    this.#isLeading = false;
    this.#session?.pause(status);
    this.#session = undefined;
    this.#held = [];
    this.#awareness = new AwarenessMemory();
    this.#askedAt = undefined;
    this.#heardAt = this.#around.clocks.monotonic();
  }

  #tell(status: ConnectionStatus): void {
    this.#status = status;
    if (status.state === 'live') this.#denial = undefined;
    this.#options.listener.onStatus(status);
  }

  /** Nobody who leads is heard. */
  #recover(): void {
    if (this.#status.state === 'live') this.#tell({ state: 'recovering', reason: 'silent' });
  }
}
