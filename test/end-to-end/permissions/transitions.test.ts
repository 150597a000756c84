import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { TestStack } from '../stack.ts';
import type { ReceivedFrame, StreamClient } from '../stream-client.ts';
import type { Role } from './cast.ts';
import { castMembers, readTable, allRoles } from './cast.ts';

/**
 * What each role hears of one change, live by a token and by a ticket, in replay and in the history: the task events
 * without `task.`, `reload` for a resume that asks for that, `-` for nothing.
 */
const permissionTable = readTable(`
  before            | change                  | creator            | assignee           | member             | look-alike         | admin              | namesake | other admin
  nothing           | create workspace        | created            | created            | created            | created            | created            | -        | -
  nothing           | create private          | created            | -                  | -                  | -                  | created            | -        | -
  nothing           | create assigned         | created            | created            | -                  | -                  | created            | -        | -
  workspace         | rename                  | updated            | updated            | updated            | updated            | updated            | -        | -
  workspace         | finish                  | status and updated | status and updated | status and updated | status and updated | status and updated | -        | -
  workspace         | hide                    | updated            | deleted            | deleted            | deleted            | updated            | -        | -
  workspace         | hide and assign         | updated            | updated            | deleted            | deleted            | updated            | -        | -
  workspace         | hide and finish         | status and updated | deleted            | deleted            | deleted            | status and updated | -        | -
  workspace         | delete                  | deleted            | deleted            | deleted            | deleted            | deleted            | -        | -
  private           | rename                  | updated            | -                  | -                  | -                  | updated            | -        | -
  private           | finish                  | status and updated | -                  | -                  | -                  | status and updated | -        | -
  private           | show                    | updated            | created            | created            | created            | updated            | -        | -
  private           | show and finish         | status and updated | created            | created            | created            | status and updated | -        | -
  private           | assign                  | updated            | created            | -                  | -                  | updated            | -        | -
  private           | assign and finish       | status and updated | created            | -                  | -                  | status and updated | -        | -
  private           | delete                  | deleted            | -                  | -                  | -                  | deleted            | -        | -
  private           | give away, by a script  | deleted            | -                  | created            | -                  | updated            | -        | -
  private           | break, by a script      | reload             | reload             | reload             | reload             | reload             | -        | -
  assigned          | rename                  | updated            | updated            | -                  | -                  | updated            | -        | -
  assigned          | finish                  | status and updated | status and updated | -                  | -                  | status and updated | -        | -
  assigned          | unassign                | updated            | deleted            | -                  | -                  | updated            | -        | -
  assigned          | unassign and finish     | status and updated | deleted            | -                  | -                  | status and updated | -        | -
  assigned          | reassign                | updated            | deleted            | created            | -                  | updated            | -        | -
  assigned          | show                    | updated            | updated            | created            | created            | updated            | -        | -
  assigned          | show and unassign       | updated            | updated            | created            | created            | updated            | -        | -
  assigned          | delete                  | deleted            | deleted            | -                  | -                  | deleted            | -        | -
`);

const states: Readonly<Record<string, object>> = {
  workspace: { visibility: 'workspace' },
  private: { visibility: 'private' },
  assigned: { visibility: 'private', assignees: ['ann'] },
};

const patches: Readonly<Record<string, object>> = {
  rename: {},
  finish: { status: 'done' },
  hide: { visibility: 'private' },
  'hide and assign': { visibility: 'private', assignees: ['ann'] },
  'hide and finish': { visibility: 'private', status: 'done' },
  show: { visibility: 'workspace' },
  'show and finish': { visibility: 'workspace', status: 'done' },
  'show and unassign': { visibility: 'workspace', assignees: [] },
  assign: { assignees: ['ann'] },
  'assign and finish': { assignees: ['ann'], status: 'done' },
  unassign: { assignees: [] },
  'unassign and finish': { assignees: [], status: 'done' },
  reassign: { assignees: ['mike'] },
};

const scripts: Readonly<Record<string, Record<string, string>>> = {
  'give away, by a script': { created_by: 'mike' },
  'break, by a script': { visibility: 'Private' },
};

let stack: TestStack;
const live = new Map<Role, StreamClient>();
const byTicket = new Map<Role, StreamClient>();
let secrets = 0;

beforeAll(async () => {
  // A replay that its client cuts counts as open for a while.
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '1000' } });
  for (const role of allRoles) {
    live.set(role, await stack.connect(castMembers[role]));
    const ticket = await stack.ticketFor(await stack.local.issuer.sign(castMembers[role]));
    byTicket.set(role, await stack.openByTicket(ticket));
  }
});
afterAll(() => stack.close());

const create = async (body: object): Promise<number> =>
  (await stack.request(castMembers.creator, 'POST', '/tasks', { name: 'a task', ...body })).body.task.id;

/** Makes the change to the task, whose description becomes the secret with it. */
async function change(name: string, id: number, secret: string): Promise<void> {
  const path = `/tasks/${id}`;
  if (name in patches) {
    const body = { ...patches[name], description: secret };
    expect(await stack.request(castMembers.creator, 'PATCH', path, body)).toMatchObject({ status: 200 });
  } else if (name in scripts) {
    const [[field, value] = ['', '']] = Object.entries(scripts[name]!);
    await stack.database.send(
      new UpdateCommand({
        TableName: stack.local.tables['tasks'],
        Key: { workspace: 'acme', id },
        UpdateExpression: 'SET #field = :value, description = :secret',
        ExpressionAttributeNames: { '#field': field },
        ExpressionAttributeValues: { ':value': value, ':secret': secret },
      }),
    );
  } else {
    expect(name).toBe('delete');
    expect(await stack.request(castMembers.creator, 'DELETE', path)).toMatchObject({ status: 200 });
  }
}

/** Writes a task in both workspaces that all of them see, so that what came before it has come everywhere. */
async function fence(name: string): Promise<void> {
  await Promise.all(
    [castMembers.creator, castMembers.namesake].map((who) => stack.request(who, 'POST', '/tasks', { name })),
  );
}

/** The frames between two fences, but for pings. */
async function between(stream: StreamClient, first: string, second: string): Promise<ReceivedFrame[]> {
  const at = (name: string): number => stream.withoutPings.findIndex(({ data }) => data.task?.name === name);
  await stream.until(() => at(second) >= 0);
  return stream.withoutPings.slice(at(first) + 1, at(second));
}

/** What the history tells a role from a place on, up to a fence; the form is that of frames. */
async function pastBefore(name: string, role: Role, cursor: string): Promise<ReceivedFrame[]> {
  const path = `/events?limit=1000&cursor=${cursor}`;
  const { status, body } = await stack.request(castMembers[role], 'GET', path);
  expect(status).toBe(200);
  const events = body.events as ReceivedFrame['data'][];
  const fenceAt = events.findIndex(({ task }) => task?.name === name);
  expect(fenceAt).toBeGreaterThanOrEqual(0);
  return events.slice(0, fenceAt).map((data) => ({ data }) as ReceivedFrame);
}

function heard(frames: readonly ReceivedFrame[]): string {
  const words = frames.map(({ event, data }) =>
    event === 'resume'
      ? 'reload'
      : String(data.type)
          .replace(/^task\./, '')
          .replace('status_changed', 'status'),
  );
  return words.join(' and ') || '-';
}

/** Which of the roles have got frames with the text in them. */
function holding(text: string, frames: ReadonlyMap<Role, readonly ReceivedFrame[]>): string[] {
  return allRoles.filter((role) => JSON.stringify(frames.get(role)).includes(text));
}

describe('what each hears', () => {
  it.each(permissionTable.map(({ labels: [state, name], expected }) => [state!, name!, expected] as const))(
    'of a task that is %s before: %s',
    async (state, name, expected) => {
      secrets += 1;
      const [secret, first, second] = [`secret ${secrets}.`, `fence ${secrets} a`, `fence ${secrets} b`];
      const id = state === 'nothing' ? 0 : await create(states[state]!);
      await fence(first);
      const cursors = new Map<Role, string>();
      for (const role of allRoles) {
        const stream = live.get(role)!;
        await stream.until((frames) => frames.some(({ data }) => data.task?.name === first));
        cursors.set(role, stream.cursor);
      }
      if (state === 'nothing') await create({ ...states[name.slice(7)], description: secret });
      else await change(name, id, secret);
      await fence(second);

      const liveFrames = new Map<Role, ReceivedFrame[]>();
      const ticketFrames = new Map<Role, ReceivedFrame[]>();
      const replayFrames = new Map<Role, ReceivedFrame[]>();
      for (const role of allRoles) {
        liveFrames.set(role, await between(live.get(role)!, first, second));
        ticketFrames.set(role, await between(byTicket.get(role)!, first, second));
        const replay = await stack.connect(castMembers[role], { lastEventId: cursors.get(role)! });
        const [greeting, resume, ...rest] = await between(replay, first, second);
        replay.cut();
        expect([greeting!.data.type, resume!.data]).toEqual(['connection.established', { complete: true }]);
        replayFrames.set(role, rest);
      }
      const past = new Map<Role, string>();
      const contents = new Map<Role, readonly ReceivedFrame[]>();
      for (const role of allRoles) {
        const told = await pastBefore(second, role, cursors.get(role)!);
        past.set(role, heard(told));
        contents.set(role, told);
      }
      const words = (frames: ReadonlyMap<Role, readonly ReceivedFrame[]>): object =>
        Object.fromEntries(allRoles.map((role) => [role, heard(frames.get(role)!)]));
      expect({
        live: words(liveFrames),
        byTicket: words(ticketFrames),
        replay: words(replayFrames),
      }).toEqual({ live: expected, byTicket: expected, replay: expected });
      // The history has no place for what cannot be told, and says so in other words.
      const inHistory = Object.entries(expected).map(([role, told]) => [
        role,
        told === 'reload' ? '-' : told,
      ]);
      expect(Object.fromEntries(past)).toEqual(Object.fromEntries(inHistory));
      // Whoever hears nothing, of a deletion or to load again, has not got the content either.
      const told = allRoles.filter((role) => /created|updated/.test(expected[role]));
      expect(holding(secret, liveFrames)).toEqual(told);
      expect(holding(secret, ticketFrames)).toEqual(told);
      expect(holding(secret, replayFrames)).toEqual(told);
      expect(holding(secret, contents)).toEqual(told);
    },
  );
});
