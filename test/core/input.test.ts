import { readCreate, readPatch } from '../../core/task/input.ts';

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
