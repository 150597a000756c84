import type { BoardFilter } from '../../dashboard/filter/filter.ts';
import { everything, filterTasks, isFiltering } from '../../dashboard/filter/filter.ts';
import { sampleTask } from '../core/task-samples.ts';

const tasks = [
  sampleTask({ id: 1, name: 'Café bill', description: 'ask Ana', assignees: ['bob'], created_by: 'alice' }),
  sampleTask({ id: 2, name: 'Buy MILK', blocked: true, created_by: 'carol', assignees: [] }),
  sampleTask({
    id: 12,
    name: 'Straße',
    visibility: 'private',
    assigned_to_agent: true,
    assignees: ['alice'],
  }),
];

describe('the filter of the board', () => {
  it.each<[Partial<BoardFilter>, readonly number[]]>([
    [{}, [1, 2, 12]],
    [{ text: '  ' }, [1, 2, 12]],
    [{ text: 'milk' }, [2]],
    [{ text: 'cafe' }, [1]],
    [{ text: 'CAFE\u0301' }, [1]],
    [{ text: 'bill ana' }, [1]],
    [{ text: 'ana bill' }, [1]],
    [{ text: 'bill milk' }, []],
    [{ text: '#12' }, [12]],
    [{ text: 'bob' }, [1]],
    [{ text: 'carol' }, [2]],
    [{ blocked: true }, [2]],
    [{ private: true }, [12]],
    [{ agent: true }, [12]],
    [{ assignedToMe: true }, [12]],
    [{ assignedToMe: true, blocked: true }, []],
    [{ private: true, text: 'straße' }, [12]],
  ])('%j leaves %j', (filter, ids) => {
    const found = filterTasks(tasks, { ...everything, ...filter }, 'alice');
    expect(found.map(({ id }) => id)).toEqual(ids);
  });

  it('gives the same list where it leaves all of it, so that nothing is rendered again', () => {
    expect(filterTasks(tasks, everything, 'alice')).toBe(tasks);
    expect(isFiltering({ ...everything, text: ' ' })).toBe(false);
    expect(isFiltering({ ...everything, private: true })).toBe(true);
  });
});
