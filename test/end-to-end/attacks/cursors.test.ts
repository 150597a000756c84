import { rightsFingerprint } from '../../../core/principal.ts';
import type { Who } from '../stack.ts';
import { TestStack } from '../stack.ts';
import type { ReceivedFrame } from '../stream-client.ts';

let stack: TestStack;
/** A cursor at the begin of the victim's log. */
let victims: string;
const victim = { sub: 'victim', workspace: 'house' };
const eve = { sub: 'eve', workspace: 'outside' };
const mate = { sub: 'mate', workspace: 'house' };

beforeAll(async () => {
  // A stream that its client cuts counts as open for a while.
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '1000' } });
  const stream = await stack.connect(victim);
  await stack.request(victim, 'POST', '/tasks', { name: 'the secret', visibility: 'private' });
  await stack.request(eve, 'POST', '/tasks', { name: 'her own' });
  await stream.until(() => stream.events.length === 1);
  const [log, , , , rights] = stream.cursor.split('.');
  victims = [log, 1, 0, 0, rights].join('.');
  stream.cut();
});
afterAll(() => stack.close());

type Parts = Partial<Record<'log' | 'segment' | 'change' | 'frame', string>>;

/** The cursor with other parts; the rights are those of a principal, which anybody can compute. */
function forge(cursor: string, who: Who, changed: Parts = {}): string {
  const { sub: user, workspace = 'default', admin = false } = who;
  const [log, segment, change, frame] = cursor.split('.');
  const parts = { log, segment, change, frame, ...changed };
  return [...Object.values(parts), rightsFingerprint({ user, workspace, admin })].join('.');
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

const reasons = (frames: readonly ReceivedFrame[]): unknown[] => [
  ...new Set(frames.filter(({ event }) => event === 'resume').map(({ data }) => data.reason)),
];

describe('a cursor opens nothing', () => {
  it.each<[string, Who, () => string, string | undefined]>([
    ['of another workspace', eve, () => victims, 'rights_changed'],
    ['of another workspace with own rights', eve, () => forge(victims, eve), 'unknown_cursor'],
    ['of another user', mate, () => victims, 'rights_changed'],
    // The log is the mate's own too, so it is read, with the mate's eyes.
    ['of another user with own rights', mate, () => forge(victims, mate), undefined],
    ['of an admin', mate, () => forge(victims, { ...mate, admin: true }), 'rights_changed'],
    [
      'of the victim in the own workspace',
      eve,
      () => forge(victims, { ...victim, workspace: 'outside' }),
      'rights_changed',
    ],
    ['of no log with own rights', mate, () => forge(victims, mate, { log: '0' }), undefined],
  ])('%s', async (_, who, make, reason) => {
    const frames = await resume(who, make());
    expect(reasons(frames)).toEqual([reason]);
    expect(JSON.stringify(frames)).not.toContain('the secret');
    expect(frames.filter(({ data }) => data.task?.created_by === 'victim')).toEqual([]);
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
    ['without rights', 'unknown_cursor', (cursor) => cursor.split('.').slice(0, 4).join('.')],
    ['with two rights', 'unknown_cursor', (cursor) => `${cursor}.${cursor.split('.')[4]}`],
    ['twice, of which the last counts', undefined, (cursor) => `x,${cursor}`],
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

  it.each([
    'after:0',
    'after:-1',
    'after:1.5.2',
    'after:1e999',
    'after:1\n',
    'after:9007199254740993',
    'before:5',
    '',
    'after:1 OR 1=1',
  ])('%j is none', async (text) => {
    const answer = await stack.request(mate, 'GET', `/tasks?cursor=${encode(text)}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
  });

  it('a forged one shows a part of what its user may see', async () => {
    const names = async (who: Who, after: number): Promise<string[]> =>
      (await stack.request(who, 'GET', `/tasks?cursor=${encode(`after:${after}`)}`)).body.tasks.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names({ sub: 'new', workspace: 'house' }, 1)).toEqual([]);
    expect(await names({ sub: 'new', workspace: 'house' }, Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});
