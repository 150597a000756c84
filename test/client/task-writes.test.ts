import { RequestRefused, ServerUnreachable } from '../../client/http/request.ts';
import { TaskWrites } from '../../client/store/task-writes.ts';
import type { Task } from '../../protocol/task.ts';
import { sampleTask } from '../core/task-samples.ts';

const lost = new ServerUnreachable('no answer');
const seen = sampleTask({ id: 7, version: 3, name: 'Milk', status: 'inbox', visibility: 'workspace' });

interface Sent {
  readonly method: string;
  readonly version?: number;
  readonly key?: string;
}

/**
 * An API with one task. `spoil` decides for each request, by its number from 1, whether it is spoiled before it has
 * happened or its answer is lost after it.
 */
function sample(spoil: (sending: number) => 'before' | 'after' | undefined = () => undefined) {
  const state: { task: Task | undefined; created: number } = { task: seen, created: 0 };
  const sent: Sent[] = [];
  const done = new Map<string, Task>();
  const answer = async <Answer>(request: Sent, act: () => Answer): Promise<Answer> => {
    sent.push(request);
    const spoiled = spoil(sent.length);
    await Promise.resolve();
    if (spoiled === 'before') throw lost;
    const result = act();
    if (spoiled === 'after') throw lost;
    return result;
  };
  /** As the API: the first answer to a key again, and 412 for another version. */
  const write = (key: string | undefined, version: number | undefined, act: () => Task): Task => {
    const first = done.get(key ?? '');
    if (first) return first;
    if (version !== undefined) current(version);
    const task = act();
    if (key !== undefined) done.set(key, task);
    return task;
  };
  const current = (version?: number): Task => {
    if (!state.task)
      throw new RequestRefused({ status: 404, code: 'task_not_found', message: 'there is none' });
    if (version !== undefined && version !== state.task.version)
      throw new RequestRefused({ status: 412, code: 'version_mismatch', message: 'moved on' });
    return state.task;
  };
  const writes = new TaskWrites({
    api: {
      create: (fields, key) =>
        answer({ method: 'POST', key }, () =>
          write(key, undefined, () => {
            state.created += 1;
            return { ...seen, ...fields, id: 100 + state.created, version: 1 };
          }),
        ),
      update: (_, fields, { version, key }) =>
        answer({ method: 'PATCH', version, key }, () =>
          write(key, version, () => {
            state.task = { ...current(), ...fields, version: version + 1 };
            return state.task;
          }),
        ),
      delete: (_, version) =>
        answer({ method: 'DELETE', version }, () => {
          current(version);
          state.task = undefined;
        }),
      get: () => answer({ method: 'GET' }, () => current()),
    },
    wait: () => Promise.resolve(),
  });
  /** What somebody else writes. */
  const other = (fields: Partial<Task>): void => {
    state.task = { ...state.task!, ...fields, version: state.task!.version + 1 };
  };
  return { state, sent, writes, other };
}

describe('a write of the board', () => {
  it.each(['before', 'after'] as const)(
    'that is lost %s it has happened is sent again, with its key',
    async (when) => {
      const { state, sent, writes } = sample((sending) => (sending <= 2 ? when : undefined));
      await expect(writes.create({ name: 'Bread' }, 'one')).resolves.toMatchObject({ kind: 'done' });
      expect(state.created).toBe(1);
      expect(sent.map(({ key }) => key)).toEqual(['one', 'one', 'one']);

      const changes = sample((sending) => (sending <= 2 ? when : undefined));
      await expect(changes.writes.update(seen, { name: 'Oat milk' })).resolves.toMatchObject({
        kind: 'done',
        task: { name: 'Oat milk', version: 4 },
      });
      expect(changes.sent).toHaveLength(3);
      expect(new Set(changes.sent.map(({ key }) => key)).size).toBe(1);

      const deletes = sample((sending) => (sending <= 2 ? when : undefined));
      await expect(deletes.writes.delete(seen)).resolves.toEqual({ kind: 'gone' });
    },
  );

  it('that was given up keeps its key for when the user tries it again, and no longer', async () => {
    const { state, sent, writes } = sample((sending) => (sending <= 3 ? 'after' : undefined));
    await expect(writes.update(seen, { status: 'done' })).rejects.toBe(lost);
    await expect(writes.update(seen, { status: 'done' })).resolves.toMatchObject({ kind: 'done' });
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    await writes.update(state.task!, { status: 'inbox' });
    await writes.update(state.task!, { status: 'done' });
    expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
    expect(state.task?.version).toBe(6);
  });

  it('is sent once when it is asked for twice', async () => {
    const { state, sent, writes } = sample();
    await Promise.all([writes.create({ name: 'Bread' }, 'one'), writes.create({ name: 'Bread' }, 'one')]);
    await Promise.all([writes.update(seen, { status: 'done' }), writes.update(seen, { status: 'done' })]);
    await Promise.all([writes.delete(state.task!), writes.delete(state.task!)]);
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
  });

  it('does not replace what somebody else has written, and tells what it is now', async () => {
    const { state, writes, other } = sample();
    other({ name: 'Oat milk' });
    const outcome = await writes.update(seen, { name: 'Soy milk' });
    expect(outcome).toEqual({ kind: 'conflict', current: state.task });
    expect(state.task?.name).toBe('Oat milk');
    await expect(writes.update(state.task!, { name: 'Soy milk' })).resolves.toMatchObject({ kind: 'done' });
    expect(state.task?.name).toBe('Soy milk');
  });

  it('goes on when others have changed something else, or have done the same', async () => {
    const { state, sent, writes, other } = sample();
    other({ description: 'two bottles' });
    await expect(writes.update(seen, { status: 'done' })).resolves.toMatchObject({ kind: 'done' });
    expect(state.task).toMatchObject({ status: 'done', description: 'two bottles', version: 5 });
    expect(sent.map(({ method, version }) => [method, version])).toEqual([
      ['PATCH', 3],
      ['GET', undefined],
      ['PATCH', 4],
    ]);
    expect(sent[0]!.key).not.toBe(sent[2]!.key);
    await expect(writes.update(seen, { status: 'done' })).resolves.toEqual({
      kind: 'done',
      task: state.task,
    });
    expect(state.task?.version).toBe(5);
  });

  it('deletes only what its user has seen, and is content when it is gone', async () => {
    const { state, writes, other } = sample();
    other({ description: 'two bottles' });
    await expect(writes.delete(seen)).resolves.toEqual({ kind: 'conflict', current: state.task });
    await expect(writes.delete(state.task!)).resolves.toEqual({ kind: 'gone' });
    await expect(writes.delete(seen)).resolves.toEqual({ kind: 'gone' });
  });

  it('ends with the word of the server', async () => {
    const { state, sent, writes } = sample();
    state.task = undefined;
    await expect(writes.update(seen, { status: 'done' })).rejects.toThrow('there is none');
    expect(sent).toHaveLength(1);
  });
});
