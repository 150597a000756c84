import type { Message } from '../../client/sharing/messages.ts';
import { isMessage } from '../../client/sharing/messages.ts';
import type { Ground, GroundOptions, SimulatedSession } from './sharing-tab.ts';
import { SimulatedTab } from './sharing-tab.ts';

/** A message on its way. */
interface Sent {
  readonly from: SimulatedTab;
  readonly to: SimulatedTab;
  readonly message: Message;
}

/**
 * A browser with tabs that share a stream, and a server, both simulated: nothing happens by itself, and whoever drives it
 * decides what happens next. Messages of one tab come to another in their order, each whenever it is let through.
 */
export class World implements Ground {
  readonly options: GroundOptions;
  readonly tabs: SimulatedTab[] = [];
  /** How many events there were; their numbers begin at 1. */
  head = 0;
  /** The server has the events after this one. */
  oldest = 0;
  now = 1_700_000_000_000;
  begun = 0;
  /** Whether a leader was asked that had come to the others later than who asked was gone: it cannot know what that missed. */
  wasLate = false;
  #sent: Sent[] = [];
  /** Number of the entry with which the log of a tab begins, and of the next one when it asked last. */
  readonly #begins = new Map<SimulatedTab, number>();
  readonly #ends = new Map<SimulatedTab, number>();
  /** Who has the lock, and who waits for it. */
  #lock: SimulatedTab[] = [];

  constructor(options: GroundOptions = {}) {
    this.options = options;
  }

  get open(): SimulatedTab[] {
    return this.tabs.filter((tab) => tab.isOpen);
  }

  get paused(): SimulatedTab[] {
    return this.tabs.filter((tab) => !tab.isOpen && !tab.isDead);
  }

  /** Those whose code runs. */
  get running(): SimulatedTab[] {
    return this.open.filter((tab) => !tab.isFrozen);
  }

  get sessions(): SimulatedSession[] {
    return this.running.flatMap((tab) => tab.session ?? []).filter((session) => session.canStep);
  }

  get leader(): SimulatedTab | undefined {
    return this.#lock[0];
  }

  addTab(): SimulatedTab {
    const tab = new SimulatedTab(this, this.tabs.length);
    this.tabs.push(tab);
    tab.open();
    return tab;
  }

  post(from: SimulatedTab, message: Message): void {
    if (!isMessage(message)) throw new Error(`no message: ${JSON.stringify(message)}`);
    this.#noteBounds(from, message);
    for (const to of this.open) {
      if (to !== from) this.#sent.push({ from, to, message: structuredClone(message) });
    }
  }

  /** Notes what tabs have of the stream, and whether one that was told of it asks a leader that has only what came later. */
  #noteBounds(from: SimulatedTab, message: Message): void {
    if ('question' in message) this.#ends.set(from, message.first + message.terms.length - 1);
    else if (message.answer?.isReset === true) {
      const asker = this.tabs.find(({ id }) => id === message.answer!.to)!;
      const hasForgotten = asker.isStarted && this.#ends.get(asker)! < (this.#begins.get(from) ?? 0);
      this.wasLate ||= hasForgotten;
      this.#begins.set(asker, message.at);
    }
  }

  request(tab: SimulatedTab, isStolen: boolean): void {
    this.release(tab);
    if (!isStolen) return void this.#lock.push(tab);
    const [robbed] = this.#lock.splice(0, 1, tab);
    if (robbed) robbed.isRobbed = true;
  }

  release(tab: SimulatedTab): void {
    this.#lock = this.#lock.filter((other) => other !== tab);
    tab.isGranted = false;
    tab.isRobbed = false;
  }

  /** A tab that is gone gets no message, and what it has sent still arrives. */
  forget(tab: SimulatedTab): void {
    this.#sent = this.#sent.filter(({ to }) => to !== tab);
  }

  /** Lets through the first message of one of the pairs of tabs between which there are some; whether there was any. */
  deliver(choice: number): boolean {
    const first = this.#sent.filter(
      ({ from, to }, index) =>
        !to.isFrozen && this.#sent.findIndex((other) => other.from === from && other.to === to) === index,
    );
    const sent = pick(first, choice);
    if (!sent) return false;
    this.#sent.splice(this.#sent.indexOf(sent), 1);
    sent.to.member.receive(sent.message);
    return true;
  }

  /** Tells a tab that it has the lock, or that it has been taken away; whether there was anything to tell. */
  notify(): boolean {
    const robbed = this.running.find((tab) => tab.isRobbed);
    if (robbed) {
      robbed.isRobbed = false;
      robbed.member.robbed();
      return true;
    }
    const [holder] = this.#lock;
    if (!holder || holder.isGranted || holder.isFrozen) return false;
    holder.isGranted = true;
    holder.member.granted();
    return true;
  }

  /** Lets all that is under way happen, and as much time pass as anybody waits. */
  settle(): void {
    for (const tab of this.open) tab.thaw();
    for (let round = 0; round < 40; round += 1) {
      for (let steps = 0; this.notify() || this.deliver(0) || this.#stepUnlessIdle(); steps += 1) {
        if (steps > 20_000) throw new Error('it never comes to rest');
      }
      for (const session of this.sessions) session.step();
      this.pass(3_000);
    }
  }

  /** Time passes, and the timers of the tabs run. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    for (const tab of this.running) tab.member.look(false);
  }

  #stepUnlessIdle(): boolean {
    const busy = this.sessions.find((session) => !session.isIdle);
    busy?.step();
    return busy !== undefined;
  }
}

/** One of some things, by any number. */
export function pick<Thing>(things: readonly Thing[], choice: number): Thing | undefined {
  return things[choice % Math.max(1, things.length)];
}
