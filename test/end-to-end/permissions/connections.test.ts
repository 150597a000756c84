import type { Answered, Who } from '../stack.ts';
import { TestStack } from '../stack.ts';
import type { Role } from './cast.ts';
import { castMembers, readTable, allRoles } from './cast.ts';

/**
 * What each may do to an open stream of the creator's, whose id all of them know. A cell says the status, and `ends`
 * when the stream is not open any more; `listed` and `-` whether the statistics show it.
 */
const permissionTable = readTable(`
  request          | creator  | assignee | member | look-alike | admin      | namesake | other admin
  stats            | 403      | 403      | 403    | 403        | 200 listed | 403      | 200 -
  disconnect       | 200 ends | 200      | 200    | 200        | 200        | 200      | 200
  beacon           | 200 ends | 200      | 200    | 200        | 200        | 200      | 200
  renew lease      | 200      | 404      | 404    | 404        | 404        | 404      | 404
  DELETE           | 200 ends | 404      | 404    | 404        | 200 ends   | 404      | 404
  revoke           | 403      | 403      | 403    | 403        | 200 ends   | 403      | 200
  get a ticket     | 200      | 200      | 200    | 200        | 200        | 200      | 200
  DELETE by ticket | 401      | 401      | 401    | 401        | 401        | 401      | 401
  beacon by ticket | 401      | 401      | 401    | 401        | 401        | 401      | 401
`);

type Send = (who: Who, connectionId: string) => Promise<Answered>;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const ownTicket = async (who: Who): Promise<string> => stack.ticketFor(await stack.local.issuer.sign(who));

const requests: Readonly<Record<string, Send>> = {
  stats: (who) => stack.request(who, 'GET', '/sse/stats'),
  disconnect: (who, connectionId) => stack.request(who, 'POST', '/sse/disconnect', { connectionId }),
  beacon: async (who, connectionId) =>
    stack.send('POST', '/sse/disconnect', {
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ connectionId, token: await stack.local.issuer.sign(who) }),
    }),
  'renew lease': (who, connectionId) => stack.request(who, 'POST', '/sse/lease', { connectionId }),
  DELETE: (who, connectionId) => stack.request(who, 'DELETE', `/sse/connections/${connectionId}`),
  'get a ticket': (who) => stack.request(who, 'POST', '/sse/ticket'),
  'DELETE by ticket': async (who, connectionId) => {
    const authorization = `Bearer ${await ownTicket(who)}`;
    return stack.send('DELETE', `/sse/connections/${connectionId}`, { headers: { authorization } });
  },
  'beacon by ticket': async (who, connectionId) =>
    stack.send('POST', '/sse/disconnect', {
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ connectionId, token: await ownTicket(who) }),
    }),
  revoke: (who) => stack.request(who, 'POST', '/sse/revocations', { userId: castMembers.creator.sub }),
};

/** Tries a request on a stream of its own, in workspaces of its own, and says what it came to. */
async function outcome(request: string, role: Role): Promise<string> {
  const suffix = `${request}-${role}`.replaceAll(' ', '-');
  const inPlace = (who: Who): Who => ({ ...who, workspace: `${who.workspace}-${suffix}` });
  const stream = await stack.connect(inPlace(castMembers.creator), { lease: '60' });
  const { connectionId } = stream.frames[0]!.data;
  const isShown = ({ body }: Answered): boolean =>
    body.connections.some(({ id }: { id: string }) => id === connectionId);
  const answer = await requests[request]!(inPlace(castMembers[role]), connectionId);
  const isOpen = isShown(await stack.request(inPlace(castMembers.admin), 'GET', '/sse/stats'));
  if (!isOpen) {
    await stream.ended;
    return `${answer.status} ends`;
  }
  stream.cut();
  if (request !== 'stats' || answer.status !== 200) return String(answer.status);
  return `200 ${isShown(answer) ? 'listed' : '-'}`;
}

describe('who may do what to the stream of another', () => {
  it.each(permissionTable.map(({ labels: [request], expected }) => [request!, expected] as const))(
    '%s',
    async (request, expected) => {
      const found = await Promise.all(allRoles.map(async (role) => [role, await outcome(request, role)]));
      expect(Object.fromEntries(found)).toEqual(expected);
    },
  );
});

describe('a forged connection id', () => {
  const known = ['POST /sse/disconnect', 'POST /sse/lease', 'DELETE /sse/connections/{id}'] as const;
  const mallory = { sub: 'mallory', workspace: 'forged', admin: true };

  it.each([
    '',
    '#',
    '%23',
    '..',
    '__proto__',
    'mallory#1',
    '#revocation#mallory#',
    '00000000-0000-0000-0000-00000000000g',
    '00000000-0000-0000-0000-0000000000000',
    `x${'0'.repeat(2000)}`,
  ])('is refused: %s', async (connectionId) => {
    for (const request of known) {
      const [method = '', path = ''] = request.split(' ');
      const target = path.replace('{id}', encodeURIComponent(connectionId));
      const body = method === 'POST' ? { connectionId } : undefined;
      const { status } = await stack.request(mallory, method, target, body);
      // Dots and nothing are no last part of a path at all.
      expect([400, 404, 405]).toContain(status);
    }
  });

  it.each([null, 7, [], ['00000000-0000-0000-0000-000000000000'], { S: 'x' }, true])(
    'of another type is refused: %j',
    async (connectionId) => {
      for (const path of ['/sse/disconnect', '/sse/lease']) {
        const answer = await stack.request(mallory, 'POST', path, { connectionId });
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
      }
    },
  );
});
