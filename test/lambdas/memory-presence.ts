import type { AwarenessEntry, PresenceEntry } from '../../core/awareness/entries.ts';
import type { NamedEntry } from '../../core/awareness/feed.ts';
import type { PresenceRecord } from '../../core/awareness/presence.ts';
import { presenceOf } from '../../core/awareness/presence.ts';
import type { CurrentTasks, TasksFound } from '../../core/subscription/past.ts';
import type { VisibilityFacts } from '../../core/subscription/visibility.ts';
import type { LastTyping } from '../../lambdas/shared/dynamodb/typing-store.ts';
import type { Neighbourhood, RecordsFound } from '../../lambdas/shared/dynamodb/presence-store.ts';

/** What one workspace has in the connections table of its users, and tasks, in memory. */
export class MemoryPresence implements CurrentTasks {
  readonly records = new Map<string, PresenceRecord>();
  /** Those who have gone, as they are remembered. */
  readonly gone = new Map<string, PresenceRecord>();
  readonly entries: NamedEntry[] = [];
  readonly visibility = new Map<number, VisibilityFacts>();
  readonly #typing = new Map<string, LastTyping & { at: number }>();
  readonly #states: { readonly at: number; readonly records: readonly PresenceRecord[] }[] = [];
  readonly #now: () => number;
  /** By how much reads that are not consistent are behind, milliseconds. */
  lagMs = 0;
  /** Whether reads fail that follow the others. */
  fails = false;
  /** What readers have cost, by what they have read. */
  readonly looks: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  async list(): Promise<RecordsFound> {
    if (this.fails) throw new Error('throttled');
    const seenAt = this.#now() - this.lagMs;
    const records = this.#states.findLast(({ at }) => at <= seenAt)?.records ?? [];
    const units = Math.max(1, Math.ceil(records.length / 20)) / 2;
    this.looks.push(this.#now());
    return { records, units };
  }

  async readNeighbourhood(_: string, user: string): Promise<Neighbourhood> {
    const sorted = [...this.records.values()].toSorted((a, b) => (a.user < b.user ? -1 : 1));
    const after = sorted.filter((each) => each.user > user);
    const before = sorted.filter((each) => each.user < user);
    return { own: this.records.get(user) ?? this.gone.get(user), others: [...after, ...before].slice(0, 10) };
  }

  async put(
    _: string,
    before: PresenceRecord | undefined,
    record: PresenceRecord,
    entry: PresenceEntry | undefined,
  ): Promise<boolean> {
    const { user } = record;
    const wasThere = presenceOf(before) !== undefined;
    if (this.records.get(user)?.version !== (wasThere ? before?.version : undefined)) return false;
    if (!wasThere && this.gone.get(user)?.version !== before?.version) return false;
    const isLeft = Object.keys(record.views).length === 0;
    (isLeft ? this.records : this.gone).delete(user);
    (isLeft ? this.gone : this.records).set(user, { ...record, version: (before?.version ?? 0) + 1 });
    this.#states.push({ at: this.#now(), records: [...this.records.values()] });
    if (entry) this.#append(entry);
    return true;
  }

  async say(_: string, entries: readonly AwarenessEntry[]): Promise<void> {
    for (const entry of entries) this.#append(entry);
  }

  #append(entry: AwarenessEntry): void {
    this.entries.push({ name: `${entry.at}#${this.entries.length}`, entry });
  }

  async since(_: string, from: number, isConsistent = false): Promise<readonly NamedEntry[]> {
    if (this.fails) throw new Error('throttled');
    // What was written later may be seen first.
    const lagOf = (index: number): number => (index % 3 === 0 ? this.lagMs : this.lagMs / 4);
    return this.entries.filter(
      ({ entry: { at } }, index) => at >= from && (isConsistent || at + lagOf(index) <= this.#now()),
    );
  }

  async note(
    { user }: { user: string },
    typing: LastTyping,
    now: number,
  ): Promise<LastTyping | undefined | 'too_often'> {
    const before = this.#typing.get(user);
    if (typing.until <= now && before?.task !== typing.task) return undefined;
    if (typing.until > now && before && now - before.at < 900) return 'too_often';
    this.#typing.set(user, { ...typing, at: typing.until > now ? now : (before?.at ?? 0) });
    return before;
  }

  async lookUp(_: string, ids: readonly number[]): Promise<TasksFound> {
    const found = ids.flatMap((id) => {
      const facts = this.visibility.get(id);
      return facts ? [[id, facts] as const] : [];
    });
    return {
      tasks: new Map(found),
      missing: ids.filter((id) => !this.visibility.has(id)),
      units: ids.length,
    };
  }
}
