import { createHash } from 'node:crypto';
import { rightsFingerprint } from '../../../core/subscription/principal.ts';
import type { Answered, Who } from '../stack.ts';
import { TestStack } from '../stack.ts';
import type { ReceivedFrame } from '../stream-client.ts';

let stack: TestStack;
/** The first cursor that the victim was given: everything is after it. */
let victims: string;
const victim = { sub: 'victim', workspace: 'house' };
const eve = { sub: 'eve', workspace: 'outside' };
const mate = { sub: 'mate', workspace: 'house' };

beforeAll(async () => {
  // A stream that its client cuts counts as open for a while.
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '1000' } });
  const stream = await stack.connect(victim);
  victims = stream.cursor;
  await stack.request(victim, 'POST', '/tasks', { name: 'the secret', visibility: 'private' });
  await stack.request(eve, 'POST', '/tasks', { name: 'her own' });
  await stream.until(() => stream.events.length === 1);
  stream.cut();
});
afterAll(() => stack.close());

type Parts = Partial<Record<'log' | 'segment' | 'change' | 'frame', string>>;

/**
 * The cursor with other parts, under its old seal; the rights are those of a principal, which anybody can compute.
 */
function forge(cursor: string, who: Who, changed: Parts = {}): string {
  const { sub: user, workspace = 'default', admin = false } = who;
  const [log, segment, change, frame, , seal] = cursor.split('.');
  const parts = { log, segment, change, frame, ...changed };
  return [...Object.values(parts), rightsFingerprint({ user, workspace, admin }), seal].join('.');
}

/** All that a stream with a cursor gets, to the first change after the connect. */
async function resume(who: Who, cursor: string): Promise<readonly ReceivedFrame[]> {
  const ways: [query: Record<string, string>, headers: Record<string, string>][] = [
    [{ lastEventId: cursor }, {}],
  ];
  // A header takes no control characters and nothing beyond Latin-1: such a cursor can only come in the query.
  if (/^[\x21-\x7e]+$/.test(cursor)) ways.push([{}, { 'last-event-id': cursor }]);
  const all: ReceivedFrame[] = [];
  for (const [query, headers] of ways) {
    const stream = await stack.connect(who, query, headers);
    const end = `the end ${all.length}`;
    await stack.request(who, 'POST', '/tasks', { name: end, visibility: 'private' });
    await stream.until((frames) => frames.some(({ data }) => data.task?.name === end));
    stream.cut();
    all.push(...stream.frames);
  }
  return all;
}

/** The cursor with which anybody could read a log from its first change. */
function beginningOfOld({ sub: user, workspace = 'default', admin = false }: Who): string {
  const rights = createHash('sha256')
    .update(JSON.stringify([workspace, user, admin]))
    .digest('hex');
  return `0.1.0.0.${rights.slice(0, 12)}`;
}

const reasons = (frames: readonly ReceivedFrame[]): unknown[] => [
  ...new Set(frames.filter(({ event }) => event === 'resume').map(({ data }) => data.reason)),
];

describe('a cursor opens nothing', () => {
  it.each<[string, Who, () => string, string]>([
    ['of another workspace', eve, () => victims, 'rights_changed'],
    ['of another workspace with own rights', eve, () => forge(victims, eve), 'unknown_cursor'],
    ['of another user', mate, () => victims, 'rights_changed'],
    ['of another user with own rights', mate, () => forge(victims, mate), 'unknown_cursor'],
    ['of an admin', mate, () => forge(victims, { ...mate, admin: true }), 'rights_changed'],
    [
      'of the victim in the own workspace',
      eve,
      () => forge(victims, { ...victim, workspace: 'outside' }),
      'rights_changed',
    ],
    ['of no log with own rights', mate, () => forge(victims, mate, { log: '0' }), 'unknown_cursor'],
    [
      'of the first version',
      mate,
      () => forge(victims, mate).split('.').slice(0, 5).join('.'),
      'unknown_cursor',
    ],
    ['of the begin, as the first version had it', mate, () => beginningOfOld(mate), 'unknown_cursor'],
    [
      'without a seal',
      mate,
      () => `${forge(victims, mate).split('.').slice(0, 5).join('.')}.`,
      'unknown_cursor',
    ],
    [
      'with a seal of zeros',
      mate,
      () => forge(victims, mate).replace(/[^.]+$/, 'A'.repeat(22)),
      'unknown_cursor',
    ],
  ])('%s', async (_, who, make, reason) => {
    const frames = await resume(who, make());
    expect(reasons(frames)).toEqual([reason]);
    expect(JSON.stringify(frames)).not.toContain('the secret');
    expect(frames.filter(({ data }) => data.task?.created_by === 'victim')).toEqual([]);
  });

  it('to somebody who was never here, of tasks that were for all once and are private, clean or gone now', async () => {
    const workspace = 'kept';
    const writer = { sub: 'writer', workspace };
    const stream = await stack.connect(writer);
    const create = async (name: string): Promise<number> =>
      (await stack.request(writer, 'POST', '/tasks', { name })).body.task.id;
    const [hidden, cleaned, gone] = [await create('hidden'), await create('cleaned'), await create('gone')];
    await stack.request(writer, 'PATCH', `/tasks/${hidden}`, { visibility: 'private' });
    await stack.request(writer, 'PATCH', `/tasks/${cleaned}`, { name: 'nothing to see' });
    await stack.request(writer, 'DELETE', `/tasks/${gone}`);
    await stream.until(() => stream.events.length >= 6);
    stream.cut();
    const [log] = stream.cursor.split('.');
    const mallory = { sub: 'mallory', workspace };
    for (const cursor of [
      beginningOfOld(mallory),
      forge(`${log}.1.0.0.rights.${'A'.repeat(22)}`, mallory),
      forge(stream.cursor, mallory, { segment: '1' }),
    ]) {
      const frames = await resume(mallory, cursor);
      expect(reasons(frames)).toEqual(['unknown_cursor']);
      expect(JSON.stringify(frames)).not.toMatch(/"(hidden|cleaned|gone)"/);
    }
  });
});

describe('a crooked cursor neither stalls nor breaks a stream nor brings anything twice', () => {
  it.each<[string, string | undefined, (cursor: string) => string]>([
    ['far ahead', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '999999' })],
    ['at the last number', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '999999999999999' })],
    ['beyond all numbers', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '9'.repeat(40) })],
    ['at segment 0', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '0' })],
    ['before the begin', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '-1' })],
    ['in scientific notation', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '1e0' })],
    ['with a leading zero', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '01' })],
    ['at a fraction', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '1.5' })],
    [
      'at a change that is not there yet',
      'unknown_cursor',
      (cursor) => forge(cursor, eve, { change: '999999' }),
    ],
    [
      'at a frame that is not there yet',
      'unknown_cursor',
      (cursor) => forge(cursor, eve, { frame: '999999' }),
    ],
    ['of another log', 'unknown_cursor', (cursor) => forge(cursor, eve, { log: '0123456789abcdef' })],
    ['of a log in capitals', 'unknown_cursor', (cursor) => forge(cursor, eve, { log: '0123456789ABCDEF' })],
    ['of a log named after the head', 'unknown_cursor', (cursor) => forge(cursor, eve, { log: 'head' })],
    [
      'of no log, but not at its begin',
      'unknown_cursor',
      (cursor) => forge(cursor, eve, { log: '0', segment: '2' }),
    ],
    ['one segment back', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '1' })],
    [
      'with another seal',
      'unknown_cursor',
      (cursor) => cursor.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ],
    ['without rights', 'unknown_cursor', (cursor) => cursor.split('.').slice(0, 4).join('.')],
    ['with two rights', 'unknown_cursor', (cursor) => `${cursor}.${cursor.split('.')[4]}`],
    ['with two seals', 'unknown_cursor', (cursor) => `${cursor}.${cursor.split('.')[5]}`],
    // Two values of one header: the last one counts.
    ['twice', undefined, (cursor) => `${cursor},${cursor}`],
    ['twice, the last one cut', 'unknown_cursor', (cursor) => `${cursor},${cursor.slice(1)}`],
    ['of 8,000 characters', 'unknown_cursor', (cursor) => cursor.padEnd(8000, '0')],
    ['named after the prototype', 'unknown_cursor', () => '__proto__'],
    ['of dots', 'unknown_cursor', () => '....'],
    ['in other digits', 'unknown_cursor', (cursor) => forge(cursor, eve, { segment: '١' })],
    ['with a line after it', 'unknown_cursor', (cursor) => `${cursor}\n`],
    ['with NUL after it', 'unknown_cursor', (cursor) => `${cursor}\0`],
  ])('%s: %s', async (_, reason, make) => {
    const stream = await stack.connect(eve);
    const own = stream.cursor;
    stream.cut();
    const frames = await resume(eve, make(own));
    expect(reasons(frames)).toEqual([reason]);
    const created = frames.filter(({ data }) => /^the end \d+$/.test(data.task?.name));
    expect(created.length).toBeGreaterThan(0);
    expect(created.length).toBeLessThanOrEqual(3);
  });
});

describe('a page cursor opens nothing', () => {
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const refusal = { status: 400, body: { code: 'invalid_cursor' } };

  it.each([
    'after:0',
    'after:1',
    'after:-1',
    'after:1.5.2',
    'after:1e-300',
    'after:1e999',
    'after:1\n',
    'after:9007199254740993',
    'before:5',
    '',
    'after:1 OR 1=1',
    'thirty-six bytes of no cursor at all',
  ])('%j is none', async (text) => {
    await expect(stack.request(mate, 'GET', `/tasks?cursor=${encode(text)}`)).resolves.toMatchObject(refusal);
  });

  it('to anybody else, or with another character in it, and tells no id', async () => {
    const lister = { sub: 'lister', workspace: 'pages' };
    for (let count = 0; count < 5; count += 1) {
      await stack.request({ sub: 'other', workspace: 'pages' }, 'POST', '/tasks', {
        name: 'not for all',
        visibility: 'private',
      });
      await stack.request(lister, 'POST', '/tasks', { name: 'own' });
    }
    const page = async (who: Who, cursor: string): Promise<Answered> =>
      stack.request(who, 'GET', `/tasks?limit=2&cursor=${encodeURIComponent(cursor)}`);
    const { nextCursor } = (await stack.request(lister, 'GET', '/tasks?limit=2')).body;
    expect((await page(lister, nextCursor)).body.tasks.map(({ id }: { id: number }) => id)).toEqual([6, 8]);
    // It is other text each time, so the place is not in it as it is.
    const again = (await stack.request(lister, 'GET', '/tasks?limit=2')).body.nextCursor as string;
    const [first, second] = [nextCursor as string, again].map((cursor) => Buffer.from(cursor, 'base64url'));
    const same = first!.filter((byte, at) => byte === second![at]);
    expect(same.length).toBeLessThan(first!.length / 2);
    expect(first!.toString('latin1')).not.toContain('after');
    for (const who of [
      { sub: 'other', workspace: 'pages' },
      { sub: 'lister', workspace: 'elsewhere' },
    ])
      expect(await page(who, nextCursor)).toMatchObject(refusal);
    for (const at of [0, 20, nextCursor.length - 1]) {
      const other = nextCursor[at] === 'x' ? 'y' : 'x';
      const tampered = `${nextCursor.slice(0, at)}${other}${nextCursor.slice(at + 1)}`;
      expect(await page(lister, tampered)).toMatchObject(refusal);
    }
  });
});
