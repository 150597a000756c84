import fc from 'fast-check';
import { encodeFrame } from '../../core/stream/frame.ts';
import { parseFrames } from './event-stream.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\r',
      '\n',
      '\0',
      '\u2028',
      '\u2029',
      '\u0085',
      '\uFEFF',
      ':',
      'data: ',
      'id: ',
      'event: ',
      ' ',
    ),
  }),
  fc.constant(`x\n\nid: forged\ndata: {"type":"task.deleted"}\n\n`),
  fc.constant('é\u2028'.repeat(100_000)),
);

describe('a frame', () => {
  it('carries any data as exactly one event with its own id', () => {
    fc.assert(
      fc.property(fc.dictionary(nasty, nasty, { maxKeys: 3 }), (data) => {
        const text = encodeFrame({ id: 'a.1', json: JSON.stringify(data) });
        const frames = parseFrames(text);
        expect(frames).toHaveLength(1);
        expect(frames[0]!.id).toBe('a.1');
        expect(frames[0]!.event).toBeUndefined();
        expect(JSON.parse(frames[0]!.data)).toEqual(data);
      }),
    );
  });

  it('refuses to be built with a raw line end or NUL in any field', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('id', 'event', 'json'),
        fc.constantFrom('\r', '\n', '\0'),
        nasty,
        (field, bad, rest) => {
          const frame = {
            id: 'a',
            event: 'b',
            json: '{}',
            [field]: `${rest.slice(0, 10)}${bad}data: forged`,
          };
          expect(() => encodeFrame(frame)).toThrow(RangeError);
        },
      ),
    );
  });

  it('puts retry, id, event and data in lines of their own', () => {
    expect(encodeFrame({ id: 'a', event: 'ping', json: '{}', retry: 5 })).toBe(
      'retry: 5\nid: a\nevent: ping\ndata: {}\n\n',
    );
  });
});
