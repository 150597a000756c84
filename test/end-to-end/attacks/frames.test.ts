import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { sendRaw } from '../raw-request.ts';
import { TestStack } from '../stack.ts';
import type { StrictFrame } from './event-stream-bytes.ts';
import { readStrictly } from './event-stream-bytes.ts';

/** What would end a line, a field or a frame if it got into one, or break the encoding. */
const poisons = [
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  '\0',
  '\u2028',
  '\u2029',
  '\u0085',
  '\uFEFF',
  '\v\f\b\u001b[2J',
  'x\nid: 0.1.0.0.rights.seal\n\n',
  'x\n\ndata: {"type":"task.deleted","taskId":1}\n\n',
  'x\r\revent: end\rdata: {"reason":"session_length","reconnect":false}\r\r',
  '\nretry: 86400000\n',
  ':comment',
  'data: data: data',
  '"}\n\n{"',
  String.raw`\n\u000adata: x`,
  '</script><script>',
  '😀👩‍👩‍👧‍👦\u{10FFFF}',
  'a\u0301\u202eright to left',
];

let stack: TestStack;
const who = { sub: 'a"b\\c%0a<d>', workspace: 'frames' };

beforeAll(async () => {
  // Padding too: its comments must never come between the lines of a frame.
  stack = await TestStack.start({ environment: { PADDING_BYTES: '64' } });
});
afterAll(() => stack.close());

/** The frames of a stream up to the one that holds a text, by its bytes. */
async function receive(query: string, last: string): Promise<StrictFrame[]> {
  const token = await stack.local.issuer.sign(who);
  const target = `/sse/connect?token=${token}${query}`;
  const { body } = await sendRaw(
    stack.local.url,
    { target },
    (text) => text.slice(text.indexOf(last)).includes('\n\n') && text.includes(last),
  );
  return readStrictly(body);
}

const tasksOf = (frames: readonly StrictFrame[]): unknown[] =>
  frames.map(({ data }) => (data as { task?: unknown }).task).filter((task) => task !== undefined);

it('a stream has no frame that the server did not write, whatever is in the fields of a task', async () => {
  const first = await stack.connect(who);
  const start = first.cursor;
  first.cut();
  for (const poison of poisons) {
    const created = await stack.request(who, 'POST', '/tasks', {
      name: `name ${poison} end`,
      description: poison,
    });
    expect(created.status).toBe(201);
  }
  // A script may write what the API does not let anybody write.
  for (const [index, poison] of poisons.entries()) {
    const Item = {
      workspace: who.workspace,
      id: 1000 + index,
      name: poison,
      description: poison,
      created_by: poison,
      created_at: poison,
      updated_at: poison,
    };
    await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
  }
  await stack.request(who, 'POST', '/tasks', { name: 'the very last' });
  const { tasks } = (await stack.request(who, 'GET', '/tasks')).body;
  expect(tasks).toHaveLength(2 * poisons.length + 1);

  for (const query of [`&lastEventId=${start}`, `&named=true&since=${start}`]) {
    const frames = await receive(query, 'the very last');
    const [greeting, resume, ...events] = frames;
    expect(greeting).toMatchObject({ event: undefined, data: { userId: who.sub } });
    expect(resume).toMatchObject({ event: 'resume', retry: undefined, data: { complete: true } });
    const named = query.startsWith('&named') ? 'task.created' : undefined;
    for (const event of events) {
      expect(event).toMatchObject({ event: named, retry: undefined, data: { type: 'task.created' } });
    }
    const byId = (a: unknown, b: unknown): number => (a as { id: number }).id - (b as { id: number }).id;
    expect(tasksOf(events).toSorted(byId)).toEqual(tasks);
  }
});

it('a stream has no frame that the server did not write, even after a cursor with line breaks', async () => {
  for (const poison of poisons) {
    const query = `&lastEventId=${encodeURIComponent(poison)}`;
    const [, resume] = await receive(query, 'unknown_cursor');
    expect(resume).toMatchObject({ event: 'resume', data: { complete: false, reason: 'unknown_cursor' } });
  }
});

it.each([String.raw`"\ud800"`, String.raw`"\udfff x"`, String.raw`"a\ud83d"`])(
  'half of a surrogate pair gets into no field: %s',
  async (text) => {
    for (const body of [
      `{"name":${text}}`,
      `{"name":"x","description":${text}}`,
      `{"name":"x","assignees":[${text}]}`,
    ]) {
      const answer = await stack.request(who, 'POST', '/tasks', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
    }
  },
);

it.each(['\n', '\r', ' ', '\0', '\u2028', 'é', '😀'])('%j gets into no user id', async (poison) => {
  const answer = await stack.request(who, 'POST', '/tasks', { name: 'x', assignees: [`a${poison}b`] });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
});

describe('the reader of the bytes', () => {
  it.each([
    ['CR', 'id: 0.1.0.0.rights.seal\ndata: {"a":"\r"}\n\n'],
    ['a line that is none', 'id: 0.1.0.0.rights.seal\nx\ndata: {}\n\n'],
    ['two ids', 'id: 0.1.0.0.rights.seal\nid: 0.1.0.0.rights.seal\ndata: {}\n\n'],
    ['two lines of data', 'id: 0.1.0.0.rights.seal\ndata: {}\ndata: {}\n\n'],
    ['no data', 'id: 0.1.0.0.rights.seal\n\n'],
    ['broken UTF-8', Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0x20, 0xff, 0x0a, 0x0a])],
  ])('refuses %s', (_, bytes) => {
    expect(() => readStrictly(Buffer.from(bytes as string))).toThrow(/\w/);
  });
});
