import { taskEventTypes } from '../../protocol/events.ts';
import { mostFilterTasks } from '../../protocol/parameters.ts';
import { isoTimePattern, millisecondsPattern } from '../../protocol/patterns.ts';
import { taskStatuses } from '../../protocol/task.ts';
import type { SocketAction } from '../../protocol/web-socket.ts';
import { longestSubscription, socketActions, socketMessageFields } from '../../protocol/web-socket.ts';
import { typingSchemas, viewFields } from './awareness-schemas.ts';
import type { Messages } from './messages.ts';
import type { Schema } from './schema.ts';
import { only, ref } from './schema.ts';

/** A field that may be a text, or what its text would be; null is as if it were left out. */
const scalar = (text: Schema, ...others: readonly Schema[]): Schema => ({
  anyOf: [{ type: 'string', ...text }, ...others, { type: 'null' }],
});

const anyScalar: Schema = { type: ['string', 'number', 'boolean', 'null'] };

/** Texts with commas between them, with or without white space around each. */
const listPattern = (values: readonly string[]): string => {
  const each = String.raw`\s*(?:${values.map((value) => value.replaceAll('.', String.raw`\.`)).join('|')})\s*`;
  return `^${each}(?:,${each})*$`;
};

const textList = (values: readonly string[]): Schema => {
  const text = { type: 'string', pattern: listPattern(values) };
  return scalar(text, { type: 'array', items: text, minItems: 1 });
};

const idList = (): Schema => {
  const text = { type: 'string', pattern: listPattern(['[1-9][0-9]{0,15}']) };
  const id = ref('TaskId');
  const description = `At most ${mostFilterTasks} different ids.`;
  return { ...scalar(text, id, { type: 'array', items: { anyOf: [text, id] }, minItems: 1 }), description };
};

const flagText = { enum: ['true', 'false'] } as const;

const fields: Readonly<Record<string, Schema>> = {
  subscription: {
    ...scalar({ maxLength: longestSubscription }, { type: ['number', 'boolean'] }),
    description: "The client's own name for it, which every frame of it carries.",
  },
  cursor: { ...anyScalar, description: 'Where it was.' },
  since: {
    ...scalar(
      { anyOf: [{ pattern: isoTimePattern.source }, { pattern: millisecondsPattern.source }] },
      { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
    ),
    description: 'Without a cursor: from when on the past is told.',
  },
  events: textList(taskEventTypes),
  tasks: idList(),
  status: textList(taskStatuses),
  assigned_to_agent: scalar(
    flagText,
    { type: 'boolean' },
    { type: 'array', items: { enum: [...flagText.enum, true, false] }, minItems: 1, maxItems: 1 },
  ),
  presence: {
    ...scalar(flagText, { type: 'boolean' }),
    description: 'Whether it is told who is there and who types, too.',
  },
  ...viewFields,
  viewId: {
    anyOf: [viewFields.viewId, { type: 'null' }],
    description: 'The connection, where it is left out.',
  },
  ...typingSchemas,
};

/** What is said of a message. */
interface MessageEntry {
  readonly summary: string;
  /** The fields that it needs, besides its action. */
  readonly required?: readonly string[];
  /** Those of its fields that are not as in other messages. */
  readonly own?: Readonly<Record<string, Schema>>;
}

const actions: Readonly<Record<SocketAction, MessageEntry>> = {
  subscribe: {
    summary:
      'From now on this connection is told what a stream with these parameters is; takes the place of the one before.',
  },
  resume: { summary: 'Tells what came after the cursor.' },
  ping: {
    summary:
      'The same, and what comes is most often nothing: the answer shows that the connection is alive, and up to date.',
  },
  presence: {
    summary:
      'Says how a page is seen: it counts for as long as its lease. Without `viewId` the connection is the page.',
    required: ['state'],
  },
  typing: {
    summary: 'Says that the user types at a task, or has stopped.',
    required: ['taskId'],
    own: { taskId: ref('TaskId') },
  },
};

/** What clients of a WebSocket say. */
export const clientMessages: Messages = Object.fromEntries(
  socketActions.map((action) => {
    const { summary, required = [], own } = actions[action];
    const properties = socketMessageFields[action].map((name) => [
      name,
      name === 'action' ? only(action) : (own?.[name] ?? fields[name]),
    ]);
    const payload = {
      type: 'object',
      properties: Object.fromEntries(properties) as Schema,
      required: ['action', ...required],
      additionalProperties: false,
    };
    return [action, { summary, payload }];
  }),
);
