import type { BrowserContextOptions } from 'playwright-core';
import { taskStatuses } from '../../protocol/task.ts';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const many = 1000;
/** The first hundred tasks fill the screen: 1.1 times an empty board on a machine that does nothing else. With all tasks first it is 1.75. */
const mostShown = 1.5;

/**
 * Most of what is more is the list of all tasks, which the local stack takes a tenth of a second of computing for: 1.75. With
 * all cards in the document it is five times and more.
 */
const mostComplete = 3;

/** How often it is measured at the most. */
const rounds = 20;

const boards = new Boards();

const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};
const surroundings: readonly (readonly [string, BrowserContextOptions])[] = [
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', phone],
  ['dark on a phone', { ...phone, colorScheme: 'dark' }],
];

/** Does something so often, so many at a time. */
async function repeat(
  times: number,
  atATime: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < times; index = next++) await act(index);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

async function fill(workspace: string, count: number): Promise<void> {
  await repeat(count, 20, async (index) => {
    const task = {
      name: `Task ${index} ${'of many words '.repeat(index % 5)}`,
      description: 'What is to be done. '.repeat(5),
      status: taskStatuses[index % taskStatuses.length],
      priority: (index * 7) % 100,
      blocked: index % 9 === 0,
      assignees: index % 3 === 0 ? ['bob', 'carol'] : [],
    };
    expect((await boards.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', task)).status).toBe(201);
  });
}

/** Milliseconds from the navigation, in a browser that has the files of the page. */
interface Opening {
  /** Until cards, or that there are none, were painted. */
  readonly shown: number;
  /** Until all tasks were there. */
  readonly complete: number;
}

async function openingOf(board: BoardPage, workspace: string): Promise<Opening> {
  await board.page.goto('about:blank');
  await board.page.goto(`${boards.stack.local.url}/?workspace=${workspace}`);
  return board.page.evaluate(
    () =>
      new Promise<Opening>((resolve) => {
        let shown: number | undefined;
        const look = (): void => {
          const isComplete = document.querySelector('#board[data-load="ready"]') !== null;
          const isShown = isComplete || document.querySelector('.card') !== null;
          // When it has been painted.
          requestAnimationFrame((now) => {
            if (isShown) shown ??= now;
            if (isComplete) resolve({ shown: shown!, complete: now });
            else look();
          });
        };
        look();
      }),
  );
}

/**
 * How long the longest task of a page was while bob moves a hundred cards; 0 where none was long. Milliseconds.
 * @param last name of a task that comes after all that.
 */
async function longestTaskMs(workspace: string, tasks: number, last: string): Promise<number> {
  const board = await BoardPage.open(boards.browser, boards.stack.local.url, `?workspace=${workspace}`);
  await board.page.evaluate(() => {
    const longest = { ms: 0 };
    Object.assign(globalThis, { longest });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
    }).observe({ entryTypes: ['longtask'] });
  });
  const who = { sub: 'bob', workspace };
  await repeat(100, 5, async (index) => {
    const status = taskStatuses[(index + 1) % 5];
    await boards.stack.request(who, 'PATCH', `/tasks/${(index % tasks) + 1}`, { status, archived: false });
  });
  await boards.stack.request(who, 'POST', '/tasks', { name: last, priority: 100 });
  await board.card(last).waitFor();
  const ms = await board.page.evaluate('longest.ms');
  await board.close();
  return ms as number;
}

/** How often as long as the other the shortest opening of one took: those that somebody disturbs are longer, never shorter. */
function ratioOf(one: readonly Opening[], other: readonly Opening[], of: keyof Opening): number {
  const shortest = (openings: readonly Opening[]): number => Math.min(...openings.map((each) => each[of]));
  return shortest(one) / shortest(other);
}

describe('a board of a thousand tasks', () => {
  beforeAll(() => Promise.all([fill('many', many), fill('some', 20)]));

  it('is ready soon after an empty one, with the cards on the screen alone', async () => {
    const board = await BoardPage.open(boards.browser, boards.stack.local.url, '?workspace=many');
    const [full, empty]: [Opening[], Opening[]] = [[], []];
    const [shown, complete] = [() => ratioOf(full, empty, 'shown'), () => ratioOf(full, empty, 'complete')];
    for (let round = 0; round < rounds; round += 1) {
      empty.push(await openingOf(board, 'none'));
      full.push(await openingOf(board, 'many'));
      if (round >= 4 && shown() < mostShown && complete() < mostComplete) break;
    }
    await board.hasTasks(many);
    const elements = await board.page.evaluate(() => document.querySelectorAll('*').length);
    expect(elements).toBeLessThan(1500);
    expect(shown()).toBeLessThan(mostShown);
    expect(complete()).toBeLessThan(mostComplete);
    expect(board.complaints).toEqual([]);
    await board.close();
  });

  it('has no task of over 100 ms while a hundred cards move, unless the machine gives a board of twenty long ones too', async () => {
    // A task that is long because others have the processor is so by chance, and not each time.
    const [controls, longest]: [number[], number[]] = [[], []];
    for (const last of ['First end', 'Second end', 'Third end']) {
      controls.push(await longestTaskMs('some', 20, last));
      longest.push(await longestTaskMs('many', many, last));
      if (Math.min(...longest) <= 100) break;
    }
    expect(Math.min(...longest)).toBeLessThanOrEqual(Math.max(100, 3 * Math.max(...controls)));
  });

  it('shows what is scrolled to', async () => {
    const board = await BoardPage.open(boards.browser, boards.stack.local.url, '?workspace=many');
    const column = board.page.locator('[data-status="inbox"]');
    const count = Number(await column.locator('.count').textContent());
    await column.locator('.card-scroller').evaluate((element) => element.scrollTo(0, 1e6));
    await column.locator(`li[aria-posinset="${count}"]`).waitFor();
    const positions = await column
      .locator('li')
      .evaluateAll((items) => items.map((item) => Number(item.getAttribute('aria-posinset'))));
    expect(positions).toEqual(positions.map((_, index) => count - positions.length + 1 + index));
    expect(positions.length).toBeLessThan(40);
    expect(await board.violations()).toEqual([]);
    await board.close();
  });

  it.each(surroundings)('has nothing that keeps people out, %s', async (_, options) => {
    const board = await boards.open('?workspace=many', options);
    // With all that a card may say.
    for (const text of ['Blocked', 'Assigned to bob, carol'])
      await board.page.locator('.card', { hasText: text }).first().waitFor();
    expect(await board.violations()).toEqual([]);
    const column = board.page.locator('[data-status="inbox"]');
    const count = await column.locator('.count').textContent();
    await column.locator('.card-scroller').evaluate((element) => element.scrollTo(0, 1e6));
    await column.locator(`li[aria-posinset="${count}"]`).waitFor();
    expect(await board.violations()).toEqual([]);
    const { width } = board.page.viewportSize()!;
    expect(await board.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(board.complaints).toEqual([]);
  });
});
