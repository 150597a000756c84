import type { SocketAction } from '../../protocol/web-socket.ts';
import { longestSubscription, socketActions, socketMessageFields } from '../../protocol/web-socket.ts';
import { filterParameters } from '../../protocol/parameters.ts';
import { Refusal } from '../../core/refusal.ts';
import type { FilterParameters } from '../../core/subscription/filter.ts';
import { readFilter, readFlag } from '../../core/subscription/filter.ts';
import { readTime } from '../../core/time.ts';
import type { SaidView } from '../shared/awareness/awareness-service.ts';
import { readTask, readTyping, readView } from '../shared/awareness/read-said.ts';

/** What every message has. */
interface MessageOf<Action extends SocketAction> {
  readonly action: Action;
  /** The client's own name for its subscription; undefined where it gave none. */
  readonly subscription: string | undefined;
}

/** A message that asks for what is in the log. */
export interface LogMessage extends MessageOf<'subscribe' | 'resume' | 'ping'> {
  readonly cursor: string | undefined;
  /** Without a cursor: from when on it wants the past, epoch milliseconds. */
  readonly since: number | undefined;
  readonly filter: FilterParameters;
  /** Whether it wants to hear of other users too. */
  readonly presence: boolean | undefined;
}

/** A message that says something of its user. */
export type SaidMessage =
  | (MessageOf<'presence'> & { readonly view: SaidView })
  | (MessageOf<'typing'> & { readonly task: number; readonly typing: boolean });

export type ClientMessage = LogMessage | SaidMessage;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a message.
 * @param connectionId what the protocol calls the connection: its page, where the message names none.
 * @throws {Refusal} 400 when it is not JSON, no object, asks for nothing that there is, or has a field that is wrong.
 */
export function readMessage(text: string | undefined, connectionId: string): ClientMessage {
  const fields = readFields(text);
  const action = socketActions.find((each) => each === fields['action']);
  if (action === undefined) {
    const names = socketActions.map((each) => `"${each}"`).join(', ');
    throw new Refusal(
      'invalid_field',
      `the message must be a JSON object whose "action" is one of: ${names}`,
    );
  }
  const unknown = Object.keys(fields).find((name) => !socketMessageFields[action].includes(name));
  if (unknown !== undefined) {
    const known = socketMessageFields[action].join(', ');
    throw new Refusal('unknown_field', `unknown field "${unknown.slice(0, 64)}": "${action}" has ${known}`);
  }
  const subscription = readName(fields);
  if (action === 'presence') return { action, subscription, view: readView(fields, connectionId) };
  if (action === 'typing') {
    const task = readTask(fields['taskId']);
    if (task === undefined) throw new Refusal('invalid_field', '"taskId" must be the id of a task');
    return { action, subscription, task, typing: readTyping(fields) };
  }
  const since = textOf(fields, 'since');
  return {
    action,
    subscription,
    cursor: textOf(fields, 'cursor'),
    since: since === undefined ? undefined : readTime('since', since),
    filter: readFilterFields(fields),
    presence: readFlag('presence', textOf(fields, 'presence')),
  };
}

/** The name that a message gives its subscription, for the answer to one that cannot be understood otherwise. */
export function nameIn(text: string | undefined): string | undefined {
  try {
    return readName(readFields(text));
  } catch {
    return undefined;
  }
}

function readFields(text: string | undefined): Fields {
  let message: unknown;
  try {
    message = JSON.parse(text ?? '');
  } catch {
    throw new Refusal('invalid_json', 'the message is not JSON: check quotes and commas');
  }
  return typeof message === 'object' && message !== null && !Array.isArray(message) ? { ...message } : {};
}

function readName(fields: Fields): string | undefined {
  const name = textOf(fields, 'subscription');
  if (name === undefined || name.length <= longestSubscription) return name;
  throw new Refusal(
    'invalid_field',
    `"subscription" must be text of at most ${longestSubscription} characters`,
  );
}

/** A field that is text, a number, or true or false, as a query has it. */
function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Refusal('invalid_field', `"${name}" must be a text`);
}

/** A filter as the query of a stream has it; lists may be JSON arrays. */
function readFilterFields(fields: Fields): FilterParameters {
  const given = filterParameters.map((name) => [name, listOf(fields, name)] as const);
  const filter = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as FilterParameters;
  // What it says is judged now, and read again with each push.
  readFilter(filter);
  return filter;
}

function listOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (!Array.isArray(value)) return textOf(fields, name);
  return value.map((each: unknown) => textOf({ [name]: each }, name) ?? '').join(',');
}
