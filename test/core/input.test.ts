import { readCreate, readPatch } from '../../core/task/input.ts';
import { withArchiving } from '../../protocol/archiving.ts';

describe('the body of a create request', () => {
  it('gives every field, with defaults for what is left out', () => {
    expect(readCreate({ name: 'a', priority: 3 })).toEqual({
      input: {
        name: 'a',
        description: null,
        status: 'inbox',
        priority: 3,
        blocked: false,
        assigned_to_agent: false,
        archived: false,
        assignees: [],
        visibility: 'workspace',
      },
    });
  });

  it.each([
    ['no object', '[]', 'invalid_field', /object/],
    ['null', 'null', 'invalid_field', /object/],
    ['no name', '{}', 'invalid_field', /"name" must be a string/],
    ['a blank name', '{"name":"  "}', 'invalid_field', /"name"/],
    ['a name of nothing visible', '{"name":"\\u200b\\u2800\\u3164 "}', 'invalid_field', /visible/],
    [
      'an archived task that is not',
      '{"name":"a","status":"archived","archived":false}',
      'invalid_field',
      /send one/,
    ],
    ['too many emoji', JSON.stringify({ name: '👨‍👩‍👧'.repeat(201) }), 'invalid_field', /200/],
    ['a name too long', JSON.stringify({ name: 'x'.repeat(201) }), 'invalid_field', /200/],
    ['half a surrogate pair', '{"name":"\\ud800"}', 'invalid_field', /"name"/],
    ['a name that is a number', '{"name":7}', 'invalid_field', /"name"/],
    [
      'a description too long',
      JSON.stringify({ name: 'a', description: 'x'.repeat(10_001) }),
      'invalid_field',
      /10000/,
    ],
    ['an unknown status', '{"name":"a","status":"lost"}', 'invalid_field', /inbox, up_next/],
    ['a broken priority', '{"name":"a","priority":1.5}', 'invalid_field', /"priority"/],
    ['a priority too high', '{"name":"a","priority":101}', 'invalid_field', /0 to 100/],
    ['a flag that is a string', '{"name":"a","blocked":"yes"}', 'invalid_field', /true or false/],
    ['assignees with a blank', '{"name":"a","assignees":["b c"]}', 'invalid_field', /"assignees"/],
    ['an unknown field', '{"name":"a","colour":"red"}', 'unknown_field', /"colour"/],
    ['a field that only the server sets', '{"name":"a","id":7}', 'unknown_field', /"id"/],
    ['__proto__', '{"name":"a","__proto__":{"admin":true}}', 'unknown_field', /"__proto__"/],
    ['constructor', '{"name":"a","constructor":{}}', 'unknown_field', /"constructor"/],
  ])('is refused with %s', (_, json, code, message) => {
    const result = readCreate(JSON.parse(json));
    expect(result).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  });
});

describe('a text', () => {
  it('is as long as it looks', () => {
    const name = '👨‍👩‍👧'.repeat(200);
    expect(readCreate({ name })).toMatchObject({ input: { name } });
    const description = '🇩🇪'.repeat(10_000);
    expect(readPatch({ description })).toEqual({ input: { description } });
    expect(readPatch({ description: `${description}x` })).toMatchObject({ code: 'invalid_field' });
  });
});

describe('status and flag of an archived task', () => {
  it.each([
    [{ status: 'archived' }, 'done', { status: 'archived', archived: true }],
    [{ status: 'done' }, 'archived', { status: 'done', archived: false }],
    [{ status: 'done' }, 'done', { status: 'done', archived: false }],
    [{ archived: true }, 'done', { archived: true }],
    [{ archived: false }, 'done', { archived: false }],
    [{ archived: false }, 'archived', { status: 'inbox', archived: false }],
    [{ archived: true }, 'archived', { archived: true }],
    [{ status: 'done', archived: true }, 'inbox', { status: 'done', archived: true }],
    [{ priority: 3 }, 'archived', { priority: 3 }],
  ] as const)('of a change %j to a task that is %s come to %j', (input, current, expected) => {
    expect(withArchiving(input, current)).toEqual(expected);
  });

  it('agree from the beginning', () => {
    expect(readCreate({ name: 'a', status: 'archived' })).toMatchObject({ input: { archived: true } });
    expect(readCreate({ name: 'a', archived: true })).toMatchObject({
      input: { status: 'inbox', archived: true },
    });
  });
});

describe('the body of a patch request', () => {
  it('gives just the fields that are there', () => {
    expect(readPatch({ status: 'done' })).toEqual({ input: { status: 'done' } });
    expect(readPatch({ description: null })).toEqual({ input: { description: null } });
  });

  it('is refused when it changes nothing', () => {
    expect(readPatch({})).toMatchObject({ code: 'invalid_field' });
  });

  it('is refused when a name would become empty', () => {
    expect(readPatch({ name: '' })).toMatchObject({ code: 'invalid_field' });
  });
});
