import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { readCreate, readPatch } from '../../core/task/input.ts';
import { isAtMost, isVisible } from '../../core/task/text.ts';
import { connectionIdOfPath, readConnectionId, readUserId } from '../../lambdas/connections/request.ts';
import { idempotencyOf } from '../../lambdas/tasks/idempotency.ts';
import { readTaskId } from '../../lambdas/tasks/request.ts';
import { readTyping, readView, refuseUnknownFields } from '../../lambdas/shared/awareness/read-said.ts';
import { readObject } from '../../lambdas/shared/http/body-object.ts';
import type { AuthenticatedEvent } from '../../lambdas/shared/http/middleware.ts';
import * as awareness from '../../protocol/awareness.ts';
import { paths } from '../../protocol/routes.ts';
import { taskInputs } from '../../protocol/task-input.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';
import {
  anyText,
  anyValue,
  documents,
  expectSame,
  mostly,
  objectsOf,
  typingFields,
  viewFields,
} from './same.ts';

const users = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', '~', '!', ' ', 'é') });

const texts = (longest: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.string({ maxLength: 10, unit: 'grapheme' }),
    fc
      .tuple(fc.constantFrom('x', '👍', '👨‍👩‍👧', '\u0301'), fc.integer({ min: longest - 1, max: longest + 1 }))
      .map(([unit, count]) => unit.repeat(count)),
    fc.constantFrom('e' + '\u0301'.repeat(32 * longest), 'x'.repeat(32 * longest + 1)),
  );

const task = fc.record(
  {
    name: mostly(texts(taskInputs.name.longest)),
    description: mostly(
      fc.oneof(
        { weight: 1, arbitrary: texts(taskInputs.description.longest) },
        { weight: 9, arbitrary: fc.constant(null) },
      ),
    ),
    status: mostly(fc.constantFrom(...taskStatuses)),
    priority: mostly(fc.integer({ min: taskInputs.priority.least - 1, max: taskInputs.priority.most + 1 })),
    blocked: mostly(fc.boolean()),
    assigned_to_agent: mostly(fc.boolean()),
    archived: mostly(fc.boolean()),
    assignees: mostly(
      fc.oneof(
        fc.array(users, { maxLength: 3 }),
        fc
          .integer({ min: taskInputs.assignees.most - 1, max: taskInputs.assignees.most + 1 })
          .map((count) => Array(count).fill('a') as string[]),
        fc.constantFrom(['a'.repeat(128)], ['a'.repeat(129)]),
      ),
    ),
    visibility: mostly(fc.constantFrom(...visibilities)),
  },
  { requiredKeys: [] },
);
const anyTask = fc.oneof(
  { weight: 8, arbitrary: task },
  {
    weight: 1,
    arbitrary: fc
      .tuple(task, fc.constantFrom('id', 'colour', '__proto__', 'version'))
      .map(
        ([each, name]) =>
          JSON.parse(JSON.stringify(each).replace(/^\{/, `{"${name}":1,`).replace(',}', '}')) as unknown,
      ),
  },
  { weight: 1, arbitrary: anyValue },
);

/** What `unsaid` has of texts: `characters`, `visible` and `wellFormed`. */
function hasUnsaidText(body: unknown): boolean {
  const { name, description } = body as { name?: unknown; description?: unknown };
  const isUnsaid = (text: unknown, longest: number): boolean =>
    typeof text === 'string' && (!text.isWellFormed() || !isAtMost(text, longest));
  return (
    isUnsaid(name, taskInputs.name.longest) ||
    isUnsaid(description, taskInputs.description.longest) ||
    (typeof name === 'string' && !isVisible(name))
  );
}

describe('the schema accepts what the reader accepts, but for what is listed as unsaid:', () => {
  it('a new task', () => {
    expectSame(anyTask, readCreate, (body) => documents.schema('NewTask', body), hasUnsaidText);
  });

  it('a change of a task', () => {
    expectSame(anyTask, readPatch, (body) => documents.schema('TaskPatch', body), hasUnsaidText);
  });

  it('what an id in a path is', () => {
    const ids = fc.oneof(
      fc.integer({ min: 0 }).map(String),
      fc.constantFrom('9007199254740991', '9007199254740992', '01', '1e3', ''),
      anyText,
    );
    const read = (id: string): number =>
      readTaskId({ pathParameters: { id } } as unknown as AuthenticatedEvent);
    expectSame(ids, read, (id) => documents.schema('TaskId', /^(?:0|[1-9]\d*)$/.test(id) ? Number(id) : id));
  });

  const uuids = fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.uuid().map((id) => `${id}0`),
  );

  it('what a connection in a path is', () => {
    const read = (id: string): string =>
      connectionIdOfPath({ pathParameters: { id } } as unknown as AuthenticatedEvent);
    expectSame(uuids, read, (id) => documents.schema('ConnectionId', id));
  });

  const eventOf = (body: unknown): APIGatewayProxyEventV2 =>
    ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }) as unknown as APIGatewayProxyEventV2;

  it('a request about a connection', () => {
    const bodies = fc.oneof(
      fc.record({ connectionId: uuids }),
      fc.record({ connectionId: fc.uuid(), more: anyValue }),
      anyValue,
    );
    expectSame(
      bodies,
      (body) => readConnectionId(eventOf(body)),
      (body) => documents.schema('ConnectionRequest', body),
    );
  });

  it('a revocation', () => {
    const bodies = fc.oneof(fc.record({ userId: fc.oneof(users, anyValue) }), anyValue);
    expectSame(
      bodies,
      (body) => readUserId(eventOf(body)),
      (body) => documents.schema('RevocationRequest', body),
    );
  });

  const fieldsOf = (body: unknown, known: readonly string[]): Readonly<Record<string, unknown>> => {
    const fields = readObject(eventOf(body), true);
    refuseUnknownFields(fields, known);
    return fields;
  };

  it('what a page says of itself', () => {
    expectSame(
      // Of a token in a body only the form is said.
      objectsOf({ ...viewFields, token: fc.string() }, ['viewId', 'state']),
      (body) => readView(fieldsOf(body, [...awareness.presenceFields, 'token'])),
      (body) => documents.schema('PresenceRequest', body),
    );
  });

  it('what is said about typing', () => {
    expectSame(
      objectsOf(typingFields, []),
      (body) => readTyping(fieldsOf(body, awareness.typingFields)),
      (body) => documents.schema('TypingRequest', body),
    );
  });

  it('an idempotency key', () => {
    const parameter = documents
      .parameters('POST', paths.tasks, 'header')
      .find(({ name }) => name === 'Idempotency-Key')!;
    const pattern = new RegExp(parameter.schema['pattern'] as string, 'u');
    const keys = fc.oneof(
      anyText,
      fc.integer({ min: 250, max: 260 }).map((length) => 'k'.repeat(length)),
    );
    const request = { user: 'a', method: 'POST', ifMatch: null, input: {} } as const;
    expectSame(
      keys,
      (key) => idempotencyOf(key, request),
      (key) => (pattern.test(key) ? [] : ['it does not match']),
    );
  });
});
