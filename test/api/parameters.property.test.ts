import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { readFilter } from '../../core/subscription/filter.ts';
import { readStreamRequest } from '../../lambdas/stream/request.ts';
import { readEventsQuery } from '../../lambdas/tasks/history.ts';
import { readListQuery } from '../../lambdas/tasks/list.ts';
import { readMessage } from '../../lambdas/websocket/message.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import { mostFilterTasks } from '../../protocol/parameters.ts';
import { paths } from '../../protocol/routes.ts';
import { taskStatuses } from '../../protocol/task.ts';
import { longestSubscription, socketActions } from '../../protocol/web-socket.ts';
import {
  accepts,
  anyNumber,
  anyText,
  anyValue,
  digits,
  documents,
  expectSame,
  flags,
  ids,
  isNoTime,
  lists,
  objectsOf,
  times,
  typingFields,
  viewFields,
} from './same.ts';

describe('the parameter accepts what the reader accepts, but for what is listed as unsaid:', () => {
  const streamOf = (query: Record<string, string>): unknown =>
    readStreamRequest({ method: 'GET', path: paths.stream, headers: {}, query, deadline: 0 });
  const oneEach = fc.string({ maxLength: 3 }).filter((text) => !/[\s,]/.test(text));

  it.each([
    ['GET', paths.tasks, 'limit', digits, readListQuery],
    ['GET', paths.tasks, 'archived', flags, readListQuery],
    ['GET', paths.tasks, 'assigned_to_agent', flags, readListQuery],
    ['GET', paths.tasks, 'status', lists(taskStatuses), readListQuery],
    ['GET', paths.tasks, 'tasks', ids, readListQuery],
    ['GET', paths.events, 'limit', digits, readEventsQuery],
    ['GET', paths.events, 'types', lists(taskEventTypes), readEventsQuery],
    ['GET', paths.events, 'order', fc.oneof(fc.constantFrom('oldest', 'newest'), anyText), readEventsQuery],
    ['GET', paths.events, 'since', times, readEventsQuery],
    ['GET', paths.stream, 'events', lists(taskEventTypes), streamOf],
    // Of several values of a stream's parameter the last one counts, and an empty one is none.
    [
      'GET',
      paths.stream,
      'presence',
      fc.oneof(
        fc.constantFrom('true', 'false'),
        oneEach.filter((text) => text !== ''),
      ),
      streamOf,
    ],
    [
      'GET',
      paths.stream,
      'lease',
      fc.oneof(
        fc.integer({ min: 1, max: 310 }).map(String),
        oneEach.filter((text) => text !== '' && !/^0\d/.test(text)),
      ),
      streamOf,
    ],
  ] as const)('%s %s?%s=', (method, path, name, values, read) => {
    expectSame<string>(
      values,
      (text) => read({ [name]: text }),
      (text) => documents.parameter(method, path, name, text),
      name === 'since' ? isNoTime : undefined,
    );
  });

  it.each(['GET /tasks', 'GET /events'])('%s with a parameter that is unknown', (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const read = path === paths.tasks ? readListQuery : readEventsQuery;
    expect(accepts(() => read({ colour: 'red' }))).toBe(false);
    expect(documents.parameter(method, path, 'colour', 'red')).not.toEqual([]);
  });

  it('counts the tasks of a filter', () => {
    const numbers = (count: number): string =>
      Array.from({ length: count }, (_, index) => index + 1).join(',');
    for (const count of [mostFilterTasks, mostFilterTasks + 1]) {
      const isTaken = accepts(() => readFilter({ tasks: numbers(count) }));
      expect(documents.parameter('GET', paths.tasks, 'tasks', numbers(count)).length === 0).toBe(isTaken);
    }
  });
});

describe('a message of a client of a WebSocket', () => {
  const scalarOr = (text: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 8, arbitrary: text }, { weight: 2, arbitrary: anyValue });
  const listsOr = (text: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
    scalarOr(fc.oneof(text, fc.array(text, { maxLength: 2 })));
  const subscription = scalarOr(
    fc.constantFrom(
      '1',
      's'.repeat(longestSubscription),
      's'.repeat(longestSubscription + 1),
      '👍'.repeat(40),
    ),
  );
  const message = fc.record(
    {
      action: fc.constantFrom(...socketActions, 'subscribe', 'subscribe', 'nothing'),
      subscription,
      cursor: scalarOr(anyText),
      since: scalarOr(fc.oneof(times, anyNumber)),
      events: listsOr(lists(taskEventTypes)),
      tasks: listsOr(ids),
      status: listsOr(lists(taskStatuses)),
      assigned_to_agent: listsOr(flags),
      colour: fc.constant(1),
    },
    { requiredKeys: ['action'] },
  );
  const few = fc
    .tuple(
      message,
      fc.subarray(
        ['subscription', 'cursor', 'since', 'events', 'tasks', 'status', 'assigned_to_agent', 'colour'],
        { maxLength: 2 },
      ),
    )
    .map(([{ action, ...each }, names]) => ({
      action,
      ...Object.fromEntries(Object.entries(each).filter(([name]) => names.includes(name))),
    }));

  const isUnsaid = (value: unknown): boolean => {
    const { since, subscription: name } = value as { since?: unknown; subscription?: unknown };
    const isTooLong = typeof name === 'string' && name.length > longestSubscription;
    const hasHugeId = JSON.stringify(value)?.includes('9007199254740993');
    return isTooLong || hasHugeId || (typeof since === 'string' && isNoTime(since));
  };
  const expectSameMessages = (messages: fc.Arbitrary<unknown>): void =>
    expectSame<unknown>(
      messages,
      (value) => readMessage(JSON.stringify(value), randomUUID()),
      (value) => documents.clientMessage(JSON.parse(JSON.stringify(value))),
      isUnsaid,
    );

  it('is accepted by the schema where it is by the reader, but for what is listed as unsaid', () => {
    expectSameMessages(fc.oneof(few, few, anyValue));
  });

  it.each([
    ['subscribe', { presence: fc.oneof(flags, fc.boolean(), anyValue) }, 'presence'],
    ['presence', viewFields, 'state'],
    ['typing', { taskId: viewFields.taskId, ...typingFields }, 'taskId'],
  ] as const)('is the same to both where it is about users: %s', (action, fields, required) => {
    expectSameMessages(
      objectsOf({ action: fc.constant(action), subscription, ...fields }, ['action', required]),
    );
  });
});
