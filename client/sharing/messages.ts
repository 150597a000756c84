import type { ConnectionStatus, StreamFrame } from '../connection/source.ts';
import type { Entry } from './shared-log.ts';

interface Sent {
  /** Which tab sends it. */
  readonly from: number;
  /** Of the leader that it comes from, or that the sender follows: later ones are greater. */
  readonly term: number;
}

/** A tab asks its leader where it is. */
export interface Question extends Sent {
  /** Its number; only the answer to the last one counts. */
  readonly question: number;
  /** What the tab has: the terms of its log, from its number `first` on. */
  readonly first: number;
  readonly terms: readonly number[];
  /** Whether its user wants a stream that was denied, or lost, to be tried again. */
  readonly wanted: boolean;
}

/** What a leader says: to all, or to one who has asked. */
export interface News extends Sent {
  readonly status: ConnectionStatus;
  /** The number of the first entry in the leader's log. */
  readonly at: number;
  readonly entries: readonly Entry[];
  readonly answer?: Answer;
}

export interface Answer {
  readonly to: number;
  readonly question: number;
  /** The term before `at`, and the cursor there. */
  readonly term: number;
  readonly cursor: string;
  /** Whether what the tab has is not the leader's up to `at`. */
  readonly isReset: boolean;
  /** Where it is not: what tells who is there and who types, in place of what was told before. */
  readonly awareness: readonly StreamFrame[];
}

export type Message = Question | News;

/** Whether a message has the form of one: anything of this origin may send on the channel. */
export function isMessage(value: unknown): value is Message {
  const { from, term, first, question, terms, at, entries, status, answer } = (value ?? {}) as Partial<
    Question & News
  >;
  if (!isEach('number', from, term)) return false;
  if (Array.isArray(terms)) return isEach('number', question, first, ...(terms as unknown[]));
  return (
    isEach('number', at) &&
    isEach('string', status?.state) &&
    Array.isArray(entries) &&
    entries.every(isEntry) &&
    (answer === undefined ||
      (answer !== null &&
        isEach('number', answer.to, answer.question, answer.term) &&
        isEach('string', answer.cursor) &&
        Array.isArray(answer.awareness) &&
        answer.awareness.every(isFrame)))
  );
}

function isEntry(value: unknown): boolean {
  const { term, item } = (value ?? {}) as Partial<Entry>;
  return isEach('number', term) && (typeof item === 'string' || isFrame(item));
}

function isFrame(value: unknown): boolean {
  const { name, id, data } = (value ?? {}) as Partial<StreamFrame>;
  return isEach('string', name, id, data);
}

function isEach(type: 'number' | 'string', ...values: readonly unknown[]): boolean {
  // oxlint-disable-next-line valid-typeof -- one of two names of types
  return values.every((value) => typeof value === type);
}
