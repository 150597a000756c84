/** The clients of a crowd, in a process of their own: thousands of them beside the stack would be measured with it. */
import { paths } from '../../protocol/routes.ts';
import { parentPartner } from '../../bench/conversation.ts';
import type { Frame } from '../board/frame-order.ts';
import { readEvent } from '../board/heard.ts';
import { eventKey } from '../judge/ledger.ts';
import { Member } from './member.ts';
import type { CrowdReport, DueTimes, Group, Members, OpenPlan, Times } from './messages.ts';

/** How many clients connect at a time when nobody hurries them. */
const connectsAtOnce = 32;

/** How long a first frame or the last event may take before it counts as never coming. Milliseconds. */
const patienceMs = 60_000;

class Crowd {
  readonly #members: Member[] = [];
  readonly #parts: string[] = [];
  readonly #events: CrowdReport['events'][number][] = [];
  readonly #places = new Map<string, number>();
  /** Name of a task → when its events arrived, at any member. */
  readonly #arrivals = new Map<string, number[]>();
  #marked = { at: 0, connections: [] as readonly number[] };

  async open({ origin, tokens, parts }: OpenPlan): Promise<void> {
    this.#parts.push(...parts);
    const waiting = tokens.entries();
    const work = async (): Promise<void> => {
      for (const [index, token] of waiting) {
        const member = new Member(`${origin}${paths.stream}?token=${token}`, (frame) => this.#note(frame));
        this.#members[index] = member;
        await established(member);
      }
    };
    await Promise.all(Array.from({ length: connectsAtOnce }, work));
  }

  pick({ from, to }: Members): readonly Member[] {
    return this.#members.slice(from, to);
  }

  /** Cuts all streams at once; resolves when all are open again, with the times that it took. */
  async storm(members: readonly Member[]): Promise<Times> {
    const began = performance.now();
    for (const { source } of members) source.leave();
    const comeBack = async (member: Member): Promise<number> => {
      member.source.cut();
      await established(member);
      return performance.now() - began;
    };
    return timesOf(await Promise.all(members.map(comeBack)));
  }

  /** Notes what is open, which {@link back} takes for lost. */
  mark(): void {
    this.#marked = {
      at: performance.now(),
      connections: this.#members.map(({ source }) => source.connections),
    };
  }

  /** Resolves when each member has another stream than at the mark, with the times that it took. */
  async back(): Promise<Times> {
    const { at, connections } = this.#marked;
    const isBack = async (member: Member, index: number): Promise<number> => {
      const before = connections[index]!;
      if (!(await member.until(() => member.source.connections > before && member.isEstablished, patienceMs)))
        throw new Error(`a client of the crowd was not back in ${patienceMs} ms`);
      return performance.now() - at;
    };
    return timesOf(await Promise.all(this.#members.map(isBack)));
  }

  /** All come back and stop reading at the first frame; resolves when they have had it. */
  async returnStalled(members: readonly Member[]): Promise<void> {
    for (const member of members) {
      member.freezesSoon = true;
      member.source.cut();
    }
    await Promise.all(members.map(established));
  }

  async heard(name: string): Promise<void> {
    const reading = this.#members.filter(({ source }) => !source.isFrozen);
    await allHear(reading, ({ names }) => names.has(name), `of ${name}`);
  }

  async heardAll(events: number, members: Members): Promise<void> {
    await allHear(this.pick(members), ({ heard }) => heard.length >= events, `${events} events`);
  }

  latency(due: DueTimes): Times {
    return timesOf(
      due.flatMap(([name, dueAt]) => (this.#arrivals.get(name) ?? []).map((arrivedAt) => arrivedAt - dueAt)),
    );
  }

  /** Waits until each member has heard of a task, and gives all that they have heard. */
  async settle(name: string): Promise<CrowdReport> {
    await Promise.all(this.#members.map((member) => member.until(() => member.names.has(name), patienceMs)));
    const groups = new Map<string, Group & { readonly members: number[] }>();
    for (const [index, { heard, incomplete, source }] of this.#members.entries()) {
      const { finalStatus } = source;
      const key = [this.#parts[index], finalStatus, incomplete, ...heard].join(' ');
      const group = groups.get(key) ?? { members: [], order: heard, finalStatus, incomplete };
      group.members.push(index);
      groups.set(key, group);
    }
    const violations = this.#members.flatMap(({ source }) => source.violations);
    return { events: this.#events, groups: [...groups.values()], violations };
  }

  close(): void {
    for (const { source } of this.#members) source.close();
  }

  #note(frame: Frame): number {
    const event = readEvent(frame);
    // After the place a cursor has what belongs to its user.
    const position = event.id.split('.').slice(0, 4).join('.');
    const key = `${position} ${eventKey(event.type, event.task)} ${event.taskId} ${String(event.from)} ${String(event.to)}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#events.push({ ...event, id: position }) - 1;
      this.#places.set(key, place);
    }
    if (event.task !== undefined) {
      const arrivals = this.#arrivals.get(event.task.name);
      if (arrivals === undefined) this.#arrivals.set(event.task.name, [event.at]);
      else arrivals.push(event.at);
    }
    return place;
  }
}

/** @throws {Error} when a member does not hear of it in time */
async function allHear(
  members: readonly Member[],
  condition: (member: Member) => boolean,
  what: string,
): Promise<void> {
  const heard = await Promise.all(members.map((member) => member.until(() => condition(member), patienceMs)));
  const deaf = heard.filter((did) => !did).length;
  if (deaf > 0) throw new Error(`${deaf} clients of the crowd did not hear ${what} in ${patienceMs} ms`);
}

async function established(member: Member): Promise<void> {
  if (await member.until(() => member.isEstablished, patienceMs)) return;
  throw new Error(`a client of the crowd got no first frame in ${patienceMs} ms`);
}

function timesOf(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
}

const crowd = new Crowd();
const parent = parentPartner();

/** What the parent may ask for, and the answer. */
const commands: Readonly<Record<string, (content: never) => unknown>> = {
  open: (plan: OpenPlan) => crowd.open(plan),
  storm: (members: Members) => crowd.storm(crowd.pick(members)),
  thaw: (members: Members) => crowd.pick(members).forEach(({ source }) => source.thaw()),
  leave: (members: Members) => crowd.pick(members).forEach(({ source }) => source.leave()),
  'return stalled': (members: Members) => crowd.returnStalled(crowd.pick(members)),
  mark: () => crowd.mark(),
  back: () => crowd.back(),
  heard: (name: string) => crowd.heard(name),
  'heard all': ({ events, members }: { readonly events: number; readonly members: Members }) =>
    crowd.heardAll(events, members),
  latency: (due: DueTimes) => crowd.latency(due),
  settle: (name: string) => crowd.settle(name),
  close: () => crowd.close(),
};

for (;;) {
  const { kind, content } = await parent.hear<{ readonly kind: string; readonly content: never }>('command');
  parent.say(`${kind} done`, await commands[kind]!(content));
}
