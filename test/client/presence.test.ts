import { jest } from '@jest/globals';
import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import type { Connection, ConnectionEvents, ConnectionState } from '../../client/index.ts';
import { RequestRefused, ServerUnreachable } from '../../client/index.ts';
import type { Presence, PresenceOptions } from '../../client/presence/index.ts';
import { createPresence } from '../../client/presence/index.ts';

beforeEach(() => jest.useFakeTimers());
const opened: Presence[] = [];
afterEach(() => {
  for (const presence of opened.splice(0)) presence.close();
  jest.useRealTimers();
});

interface Said {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly at: number;
}

/** A connection that notes what is said, and answers as a test has it. */
class FakeConnection implements Pick<Connection, 'status' | 'on' | 'send'> {
  status: Connection['status'] = { state: 'connecting' };
  readonly said: Said[] = [];
  answer: (said: Said) => unknown = () => ({});
  readonly #began = Date.now();
  readonly #events = new EventTarget();

  on: Connection['on'] = (name, listener) => {
    const call = (event: Event): void => listener((event as CustomEvent).detail as never);
    this.#events.addEventListener(name, call);
    return () => this.#events.removeEventListener(name, call);
  };

  send: Connection['send'] = async (_method, path, _headers, body) => {
    const said = { path, body: body as Said['body'], at: Date.now() - this.#began };
    this.said.push(said);
    return this.answer(said);
  };

  emit<Name extends keyof ConnectionEvents>(name: Name, detail: ConnectionEvents[Name]): void {
    this.#events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  become(state: ConnectionState): void {
    this.status = { state };
    this.emit('status', this.status);
  }

  tell(...events: AwarenessEvent[]): void {
    for (const event of events) this.emit('presence', event);
  }
}

function open(
  options: PresenceOptions = {},
  state: ConnectionState = 'connecting',
): { connection: FakeConnection; presence: Presence } {
  const connection = new FakeConnection();
  connection.status = { state };
  const presence = createPresence(connection, options);
  opened.push(presence);
  return { connection, presence };
}

const settle = (): Promise<void> => jest.advanceTimersByTimeAsync(0);
const pass = (seconds: number): Promise<void> => jest.advanceTimersByTimeAsync(seconds * 1000);

/** So many seconds after the tests begin. */
const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
const viewer = (userId: string, tasks: number[] = []): Viewer => ({
  userId,
  state: 'active',
  tasks,
  since: time(0),
});
const snapshot = (at: number, viewers: readonly Viewer[], last = true): AwarenessEvent => ({
  type: 'presence.snapshot',
  viewers,
  last,
  timestamp: time(at),
});
const joined = (at: number, userId: string, tasks: number[] = []): AwarenessEvent => ({
  type: 'presence.joined',
  ...viewer(userId, tasks),
  timestamp: time(at),
});
const left = (at: number, userId: string): AwarenessEvent => ({
  type: 'presence.left',
  userId,
  timestamp: time(at),
});
const started = (at: number, userId: string, taskId: number): AwarenessEvent => ({
  type: 'typing.started',
  userId,
  taskId,
  timestamp: time(at),
  expiresAt: time(at + 6),
});
const stopped = (at: number, userId: string, taskId: number): AwarenessEvent => ({
  type: 'typing.stopped',
  userId,
  taskId,
  timestamp: time(at),
});
const names = (presence: Presence): string[] => presence.getSnapshot().map(({ userId }) => userId);

describe('who is there', () => {
  it('is what the last snapshot and the events since have told', () => {
    const { connection, presence } = open();
    connection.tell(
      snapshot(1, [viewer('cleo', [7])], false),
      snapshot(1, [viewer('ana'), viewer('bob', [7])]),
    );
    expect(presence.getSnapshot()).toEqual([viewer('ana'), viewer('bob', [7]), viewer('cleo', [7])]);
    expect(presence.viewersAt(7).map(({ userId }) => userId)).toEqual(['bob', 'cleo']);
    connection.tell(left(2, 'bob'), joined(3, 'dan'));
    expect(names(presence)).toEqual(['ana', 'cleo', 'dan']);
    connection.tell(snapshot(4, [viewer('ana')], false));
    // The others may still come.
    expect(names(presence)).toEqual(['ana', 'cleo', 'dan']);
    connection.tell(snapshot(4, [viewer('eve')]));
    expect(names(presence)).toEqual(['ana', 'eve']);
  });

  it('is the same object while nothing changes, and tells its listeners once for a turn', async () => {
    const { connection, presence } = open();
    const listener = jest.fn();
    const end = presence.subscribe(listener);
    connection.tell(snapshot(1, [viewer('ana', [7]), viewer('bob', [8])]));
    const before = [presence.getSnapshot(), presence.viewersAt(7), presence.viewersAt(9)];
    await settle();
    expect(listener).toHaveBeenCalledTimes(1);
    expect([presence.getSnapshot(), presence.viewersAt(7), presence.viewersAt(9)]).toEqual(before);
    expect(presence.getSnapshot()).toBe(before[0]);
    connection.tell(joined(2, 'cleo', [8]));
    await settle();
    expect(presence.getSnapshot()).not.toBe(before[0]);
    expect(presence.viewersAt(7)).toBe(before[1]);
    end();
    connection.tell(left(3, 'cleo'));
    await settle();
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('is what the later timestamp tells over a WebSocket, where frames overtake each other', () => {
    const { connection, presence } = open({ transport: 'websocket' });
    connection.tell(left(5, 'bob'), joined(6, 'cleo'), joined(4, 'bob'));
    connection.tell(snapshot(3, [viewer('ana'), viewer('bob')]));
    expect(names(presence)).toEqual(['ana', 'cleo']);
    // The last frame of a snapshot overtakes the first.
    connection.tell(snapshot(8, [viewer('bob')]), snapshot(8, [viewer('ana')], false), joined(7, 'cleo'));
    expect(names(presence)).toEqual(['ana', 'bob']);
    connection.tell(snapshot(2, []));
    expect(names(presence)).toEqual(['ana', 'bob']);
  });

  it('is what comes later over a stream, whatever the timestamps', () => {
    const { connection, presence } = open();
    connection.tell(snapshot(5, [viewer('ana')]), joined(4, 'bob'), left(3, 'ana'));
    expect(names(presence)).toEqual(['bob']);
  });

  it('is asked for where the stream was live before, and what was told since is newer', async () => {
    const connection = new FakeConnection();
    connection.status = { state: 'live' };
    const answer = Promise.withResolvers();
    connection.answer = ({ body }) => (body === undefined ? answer.promise : {});
    const presence = createPresence(connection);
    opened.push(presence);
    connection.tell(joined(9, 'bob', [7]), left(9, 'cleo'));
    answer.resolve({ viewers: [viewer('ana'), viewer('bob'), viewer('cleo')] });
    await settle();
    expect(presence.getSnapshot()).toEqual([viewer('ana'), viewer('bob', [7])]);
  });
});

describe('who types', () => {
  it('is whoever began and has not stopped, by task', () => {
    const { connection, presence } = open();
    connection.tell(started(1, 'bob', 7), started(2, 'cleo', 7), started(3, 'dan', 8));
    expect([presence.typingAt(7), presence.typingAt(8)]).toEqual([['bob', 'cleo'], ['dan']]);
    const at8 = presence.typingAt(8);
    connection.tell(stopped(4, 'bob', 7));
    expect(presence.typingAt(7)).toEqual(['cleo']);
    expect(presence.typingAt(8)).toBe(at8);
  });

  it('is told after a snapshot on a stream, and may have overtaken it on a WebSocket', () => {
    const stream = open();
    const socket = open({ transport: 'websocket' });
    for (const { connection } of [stream, socket])
      connection.tell(started(9, 'bob', 7), snapshot(2, [viewer('bob')]));
    expect(stream.presence.typingAt(7)).toEqual([]);
    expect(socket.presence.typingAt(7)).toEqual(['bob']);
  });

  it('goes on over a stream, which tells its end, and ends by itself over a WebSocket', async () => {
    const stream = open();
    const socket = open({ transport: 'websocket' });
    for (const { connection } of [stream, socket]) connection.tell(started(1, 'bob', 7));
    await pass(5);
    socket.connection.tell(started(6, 'bob', 7));
    await pass(5.9);
    expect(socket.presence.typingAt(7)).toEqual(['bob']);
    await pass(0.2);
    expect(socket.presence.typingAt(7)).toEqual([]);
    expect(stream.presence.typingAt(7)).toEqual(['bob']);
  });

  it('is not brought back by a frame that was overtaken', () => {
    const { connection, presence } = open({ transport: 'websocket' });
    connection.tell(stopped(2, 'bob', 7), started(1, 'bob', 7));
    expect(presence.typingAt(7)).toEqual([]);
  });

  it.each([
    ['the connection is lost', (connection: FakeConnection) => connection.become('recovering')],
    ['another stream begins', (connection: FakeConnection) => connection.tell(snapshot(2, []))],
  ])('is forgotten when %s', (_, happen) => {
    const { connection, presence } = open();
    connection.tell(started(1, 'bob', 7));
    happen(connection);
    expect(presence.typingAt(7)).toEqual([]);
  });
});

describe('what the page says of itself', () => {
  it('is said at once, and again before its lease ends', async () => {
    const { connection } = open({ taskId: 7 });
    await pass(100);
    const [first] = connection.said;
    expect(first).toEqual({
      path: '/presence',
      body: { viewId: expect.stringMatching(/^[0-9a-f]{32}$/), state: 'active', lease: 60, taskId: 7 },
      at: 0,
    });
    expect(connection.said.map(({ at }) => at)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(new Set(connection.said.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('is the newest of what has changed meanwhile, at most twice a second', async () => {
    const { connection, presence } = open();
    await settle();
    for (let taskId = 1; taskId <= 20; taskId += 1) {
      presence.setTask(taskId);
      await pass(0.1);
    }
    await pass(1);
    expect(connection.said.map(({ at, body }) => [at, body!['taskId']])).toEqual([
      [0, undefined],
      [500, 5],
      [1000, 10],
      [1500, 15],
      [2000, 20],
    ]);
  });

  it('names no task that the server shows to nobody, and none that it has not created', async () => {
    const { connection, presence } = open({ taskId: 7 });
    connection.answer = ({ body }) => {
      if (body!['taskId'] !== 7) return {};
      throw new RequestRefused({ status: 404, code: 'task_not_found', message: '' });
    };
    await pass(31);
    presence.setTask(-1);
    await pass(1);
    presence.setTask(8);
    await pass(1);
    expect(connection.said.map(({ body }) => body!['taskId'])).toEqual([
      7,
      undefined,
      undefined,
      undefined,
      8,
    ]);
  });

  it('is said again after passing trouble, as late as the server asks, or when the connection is live', async () => {
    const { connection } = open();
    const throttled = { status: 429, code: 'throttled', message: '', retryAfterMs: 3_000 };
    const answers = [new RequestRefused(throttled), new ServerUnreachable('')];
    connection.answer = () => {
      const error = answers.shift();
      if (error) throw error;
      return {};
    };
    await pass(3);
    expect(connection.said.map(({ at }) => at)).toEqual([0, 3_000]);
    connection.become('live');
    await pass(1);
    expect(connection.said).toHaveLength(3);
    // It was noted: nothing more is to be said for now.
    connection.become('live');
    await pass(10);
    expect(connection.said).toHaveLength(3);
  });

  it('is not said again where it is refused for good, until something changes', async () => {
    const { connection, presence } = open();
    connection.answer = () => {
      throw new RequestRefused({ status: 403, code: 'forbidden', message: '' });
    };
    await pass(100);
    expect(connection.said).toHaveLength(1);
    presence.setTask(7);
    await pass(1);
    expect(connection.said).toHaveLength(2);
  });

  it('ends with `left`', async () => {
    const { connection, presence } = open();
    await settle();
    presence.close();
    presence.close();
    presence.typing(7);
    presence.setTask(7);
    await pass(100);
    expect(connection.said.map(({ body }) => body!['state'])).toEqual(['active', 'left']);
    expect(connection.said[1]!.body!['viewId']).toBe(connection.said[0]!.body!['viewId']);
    const before = presence.getSnapshot();
    connection.tell(joined(1, 'bob'));
    expect(presence.getSnapshot()).toBe(before);
  });
});

describe('that the user types', () => {
  const typing = ({ said }: FakeConnection): unknown[] =>
    said
      .filter(({ path }) => path !== '/presence')
      .map(({ path, body, at }) => [at, path, body?.['typing'] ?? true]);

  it('is said every 3 s while there is input, and stopped after it', async () => {
    const { connection, presence } = open();
    for (let count = 0; count < 50; count += 1) {
      presence.typing(7);
      await pass(0.1);
    }
    await pass(20);
    expect(typing(connection)).toEqual([
      [0, '/tasks/7/typing', true],
      [3_000, '/tasks/7/typing', true],
      [6_000, '/tasks/7/typing', true],
      [9_000, '/tasks/7/typing', false],
    ]);
  });

  it('is stopped at once where the page says so, and once', async () => {
    const { connection, presence } = open();
    presence.typing(7);
    await pass(1);
    presence.stopTyping();
    presence.stopTyping();
    await pass(20);
    expect(typing(connection)).toEqual([
      [0, '/tasks/7/typing', true],
      [1_000, '/tasks/7/typing', false],
    ]);
  });

  it('is said of another task when it may be', async () => {
    const { connection, presence } = open();
    presence.typing(7);
    await pass(0.2);
    presence.typing(8);
    await pass(2);
    expect(typing(connection)).toEqual([
      [0, '/tasks/7/typing', true],
      [1_200, '/tasks/8/typing', true],
    ]);
  });

  it('is said in order, and not while something is on its way', async () => {
    const { connection, presence } = open();
    const answer = Promise.withResolvers();
    connection.answer = ({ body, path }) =>
      path === '/presence' || body !== undefined ? {} : answer.promise;
    presence.typing(7);
    await pass(2);
    presence.typing(7);
    await pass(2);
    presence.stopTyping();
    await pass(1);
    expect(typing(connection)).toHaveLength(1);
    answer.reject(new ServerUnreachable(''));
    await pass(1);
    expect(typing(connection)).toEqual([
      [0, '/tasks/7/typing', true],
      [6_000 - 1_000, '/tasks/7/typing', false],
    ]);
  });
});
