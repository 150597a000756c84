import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import type { Heard } from '../board/heard.ts';
import type { TransportName } from '../board/open-source.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';

/** How long a list may take to be loaded. Milliseconds. */
const patienceMs = 20_000;

/** What one user may not see of another, and one workspace of another, whatever breaks meanwhile. */
export const isolationRows: readonly Row[] = [
  { name: 'visibility flips', run: flipVisibility },
  {
    name: 'rights change between streams',
    reloads: { may: ['rights_changed'] },
    run: (injection) => changeRights(injection, 'stream'),
  },
  {
    name: 'rights change between WebSockets',
    reloads: { may: ['rights_changed'] },
    run: (injection) => changeRights(injection, 'socket'),
  },
  {
    name: 'foreign cursors',
    reloads: { may: ['rights_changed', 'unknown_cursor'] },
    run: useForeignCursors,
  },
];

/** Tasks with the same ids in two workspaces go to and fro between private and visible, under clients that are cut. */
async function flipVisibility(injection: Injection): Promise<void> {
  const { boards, random, scale } = injection;
  for (const board of boards)
    for (const sub of ['alice', 'bob', oddUser]) board.join(sub, { cutAfter: [1, 4] });
  await injection.established();
  const flip = async ({ writer }: Board): Promise<void> => {
    const ids = [await writer.createVisible('flipped'), await writer.createVisible('flipped too')];
    for (let count = 0; count < (scale === 'full' ? 120 : 20); count += 1) {
      const assignees = random.shuffle(['alice', 'bob', oddUser]).slice(0, random.integer(0, 2));
      const visibility = random.chance(0.7) ? 'private' : 'workspace';
      await writer.share(random.pick(ids), { visibility, assignees });
      injection.inject();
    }
  };
  await Promise.all(boards.map(flip));
  await injection.write(16);
}

/** Users come back as admins, or as admins no more: each loads everything again, and keeps nothing private. */
async function changeRights(injection: Injection, transport: TransportName): Promise<void> {
  const { boards, failures } = injection;
  await injection.write(24);
  for (const board of boards) {
    for (const sub of ['alice', 'dave', oddUser]) {
      const before = await board.joinLate(sub, { transport });
      const { admin } = before.user;
      await injection.write(8);
      const changed = await becomes(injection, board, before, !admin);
      await injection.write(8);
      if (!admin) await becomes(injection, board, changed, admin);
    }
  }
  await injection.write(8);
  for (const { user, heard } of boards.flatMap(({ replicas }) => replicas)) {
    const odd = reasonsOf(heard).filter((reason) => reason !== 'rights_changed');
    if (odd.length > 0) failures.push(`${user.sub} had to load again: ${odd.join(', ')}`);
  }
}

/** Goes on with the board and the cursor of a client, whose user is an admin now or is none any more. */
async function becomes(
  injection: Injection,
  board: Board,
  inherits: Replica,
  admin: boolean,
): Promise<Replica> {
  const user = { sub: inherits.user.sub, admin };
  await injection.established();
  board.dismiss([inherits]);
  const token = await board.sign(user.sub, undefined, user);
  const after = board.join(user.sub, { user, token, inherits, transport: inherits.transport });
  await injection.established();
  injection.inject();
  await after.until(() => after.reloads > 0, patienceMs);
  const reasons = reasonsOf(after.heard).join(', ');
  if (reasons !== 'rights_changed') {
    injection.failures.push(`${user.sub} changed rights and was told ${reasons || 'nothing'}`);
  }
  return after;
}

function reasonsOf(heard: readonly Heard[]): string[] {
  return heard.flatMap((one) => (one.kind === 'reload' && one.reason !== 'beginning' ? [one.reason] : []));
}

/** The last cursor that a user's first client got. */
function cursorOf({ replicas }: Board, sub: string): string {
  return replicas.find(({ user }) => user.sub === sub)!.source.cursor!;
}

/** Cursors of another user, another workspace, another right, made up or ahead: none of them opens anything. */
async function useForeignCursors(injection: Injection): Promise<void> {
  const { boards, failures } = injection;
  await injection.write(32);
  await injection.stack.local.pump.drained();
  const [here, elsewhere] = boards as readonly [Board, Board];
  const own = cursorOf(here, 'alice').split('.');
  const withRights = (cursor: string): string => {
    const [log, segment, change, frame, , seal] = cursor.split('.');
    return [log, segment, change, frame, own[4], seal].join('.');
  };
  const moved = (place: readonly string[]): string => [...place, ...own.slice(4)].join('.');
  const cases: readonly (readonly [streamCursor: string, reason: string])[] = [
    [cursorOf(here, 'bob'), 'rights_changed'],
    [cursorOf(here, 'dave'), 'rights_changed'],
    [cursorOf(elsewhere, 'alice'), 'rights_changed'],
    [withRights(cursorOf(elsewhere, 'alice')), 'unknown_cursor'],
    [withRights(cursorOf(elsewhere, 'dave')), 'unknown_cursor'],
    // The place in the log of somebody else is no secret, but it was not given to this one.
    [withRights(cursorOf(here, 'bob')), 'unknown_cursor'],
    [moved([own[0]!, '999999', '0', '0']), 'unknown_cursor'],
    // Before all that this one was given, and as the first version named it.
    [moved([own[0]!, '1', '0', '0']), 'unknown_cursor'],
    [moved(['0', '1', '0', '0']), 'unknown_cursor'],
    ['no cursor', 'unknown_cursor'],
  ];
  const clients = cases.map(([streamCursor, reason]) => {
    injection.inject();
    const replica = here.join('alice', { begin: { streamCursor } });
    return { replica, reason };
  });
  await injection.established();
  await injection.write(16);
  for (const { replica, reason } of clients) {
    await replica.until(() => replica.reloads > 0, patienceMs);
    const reasons = reasonsOf(replica.heard).join(', ');
    if (reasons !== reason)
      failures.push(`a cursor to be answered ${reason} was answered ${reasons || 'as good'}`);
  }
  for (const replica of here.replicas.slice(0, 8)) {
    if (replica.reloads > 0) failures.push(`${replica.user.sub} had to load again`);
  }
}
