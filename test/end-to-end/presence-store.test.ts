import type { PresenceEntry } from '../../core/awareness/entries.ts';
import type { PresenceRecord } from '../../core/awareness/presence.ts';
import { presenceOf, withView } from '../../core/awareness/presence.ts';
import { PresenceStore } from '../../lambdas/shared/dynamodb/presence-store.ts';
import { TestStack } from './stack.ts';

let stack: TestStack;
let store: PresenceStore;
beforeAll(async () => {
  stack = await TestStack.start();
  store = new PresenceStore(stack.database, stack.local.tables['connections']!);
});
afterAll(() => stack.close());

const read = async (workspace: string): Promise<PresenceRecord | undefined> =>
  (await store.readNeighbourhood(workspace, 'ana')).own;

/** Puts what a page of ana says in the place of what was read, and resolves with whether that was still so. */
function say(
  workspace: string,
  before: PresenceRecord | undefined,
  page: string,
  state: 'active' | 'left',
): Promise<boolean> {
  const now = Date.now();
  const view = state === 'active' ? { state, until: now + 60_000, at: now } : undefined;
  const record = withView(before, 'ana', page, view, now)!;
  const { user, revision } = record;
  const told = { before: presenceOf(before), after: presenceOf(record) };
  const entry: PresenceEntry = { kind: 'presence', user, revision, ...told, tasks: [], at: now };
  return store.put(workspace, before, record, entry);
}

it.each([
  ['was never there', 0],
  ['has left', 1],
])('a page of a user who %s counts only if no other has come and left meanwhile', async (_, visits) => {
  const workspace = `visits-${visits}`;
  const visit = async (): Promise<void> => {
    expect(await say(workspace, await read(workspace), 'short', 'active')).toBe(true);
    expect(await say(workspace, await read(workspace), 'short', 'left')).toBe(true);
  };
  for (let nth = 0; nth < visits; nth += 1) await visit();
  const before = await read(workspace);
  await visit();
  expect(await say(workspace, before, 'slow', 'active')).toBe(false);
  const left = await read(workspace);
  expect(await say(workspace, left, 'slow', 'active')).toBe(true);
  expect((await read(workspace))!.revision).toBeGreaterThan(left!.revision);
});
