import type { Task } from '../../protocol/task.ts';
import { readTask } from '../../core/task/task.ts';
import { describeMissed, factsOf, LastWords } from '../../operate/log/last-words.ts';

/** Epoch milliseconds of a second of a morning. */
const second = (of: number): number => Date.UTC(2026, 0, 1) + of * 1000;

function task(id: number, version: number, writtenAt: number | undefined, name = `name ${version}`): Task {
  const updatedAt = writtenAt === undefined ? null : new Date(second(writtenAt)).toISOString();
  return readTask({ id, version, name, updated_at: updatedAt })!;
}

/** What a log told: at a second, of a task, of a task's end (its id), or that everybody shall load again. */
function wordsOf(told: readonly (readonly [at: number, what: Task | number | 'reload'])[]): LastWords {
  const words = new LastWords();
  for (const [at, what] of told) {
    const origin = { source: String(at), at: second(at) };
    if (what === 'reload') words.take(second(at), [{ kind: 'resync', ...origin }]);
    else if (typeof what === 'number') words.take(second(at), [{ kind: 'task', task: what, ...origin }]);
    else words.take(second(at), [{ kind: 'task', task: what.id, after: what, ...origin }]);
  }
  return words;
}

describe('what the log told last of a task', () => {
  it.each([
    ['is what the table has', [[1, task(7, 1, 1)]], task(7, 1, 1), undefined],
    ['is older', [[1, task(7, 1, 1)]], task(7, 2, 2), 'version 2 of task 7: they were told version 1'],
    ['is newer', [[3, task(7, 3, 3)]], task(7, 2, 2), 'version 2 of task 7: they were told version 3'],
    [
      'has the version and other fields',
      [[1, task(7, 1, 1)]],
      task(7, 1, 1, 'other'),
      'a change of task 7 within version 1',
    ],
    [
      'is its end',
      [
        [1, task(7, 1, 1)],
        [2, 7],
      ],
      task(7, 3, 3),
      'task 7 is gone, and the table has version 3',
    ],
    ['is nothing, and it was written since', [[1, task(8, 1, 1)]], task(7, 1, 2), 'of task 7, version 1'],
    [
      'is nothing, and it was written before all that is kept',
      [[5, task(8, 1, 5)]],
      task(7, 1, 2),
      undefined,
    ],
    [
      'is nothing, and nobody knows when it was written',
      [[1, task(8, 1, 1)]],
      task(7, 1, undefined),
      undefined,
    ],
    [
      'came before a reload that brought the rest',
      [
        [1, task(7, 1, 1)],
        [5, 'reload'],
      ],
      task(7, 2, 4),
      undefined,
    ],
    [
      'came before a reload that was too early for the rest',
      [
        [1, task(7, 1, 1)],
        [3, 'reload'],
      ],
      task(7, 2, 4),
      'version 2 of task 7',
    ],
    [
      'came after the reload',
      [
        [3, 'reload'],
        [4, task(7, 1, 4)],
      ],
      task(7, 2, 2),
      'version 2 of task 7',
    ],
    [
      'came before a reload, and nobody knows when the rest was written',
      [
        [1, task(7, 1, 1)],
        [3, 'reload'],
      ],
      task(7, 2, undefined),
      undefined,
    ],
  ] as const)('%s', (_, told, has, said) => {
    const missed = wordsOf(told).compare(factsOf(has), undefined);
    if (said === undefined) expect(missed).toBeUndefined();
    else expect(describeMissed(missed!)).toContain(said);
  });

  it.each([
    ['that is alive', [[1, task(7, 1, 1)]], 'task 7 is gone: they were told version 1'],
    [
      'and then its end',
      [
        [1, task(7, 1, 1)],
        [2, 7],
      ],
      undefined,
    ],
    [
      'before a reload',
      [
        [1, task(7, 1, 1)],
        [2, 'reload'],
      ],
      undefined,
    ],
  ] as const)('%s, of a task that the table has not', (_, told, said) => {
    const missed = wordsOf(told).compareGone(7);
    if (said === undefined) expect(missed).toBeUndefined();
    else expect(describeMissed(missed!)).toContain(said);
  });

  it('is everything where nothing is kept any more, from the last append on', () => {
    const words = new LastWords();
    expect(words.compare(factsOf(task(7, 1, 2)), second(3))).toBeUndefined();
    expect(words.compare(factsOf(task(7, 1, 4)), second(3))).toMatchObject({ task: 7, log: undefined });
  });
});
