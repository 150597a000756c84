import fc from 'fast-check';
import type { Frame } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { encodeFrame } from '../../protocol/sse.ts';
import { parseFrames } from '../core/event-stream.ts';

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
        const text = encodeFrame({ id: 'a.1', json: encodeData(data) });
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
        fc.constantFrom('\r', '\n', '\0', '\u0085', '\u2028', '\u2029'),
        nasty,
        (field, bad, rest) => {
          const frame = {
            id: 'a',
            event: 'b',
            json: '{}',
            [field]: `${rest.slice(0, 10)}${bad}data: forged`,
          };
          expect(() => encodeFrame(frame as Frame)).toThrow(RangeError);
        },
      ),
    );
  });

  it('has one line of data whatever a client takes for the end of a line', () => {
    // Those of Python's str.splitlines, the longest list among the clients' libraries.
    // oxlint-disable-next-line no-control-regex -- these control characters are what is looked for
    const lineEnds = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
    fc.assert(
      fc.property(fc.dictionary(nasty, nasty, { maxKeys: 3 }), (data) => {
        const lines = encodeFrame({ id: 'a.1', json: encodeData(data) }).split(lineEnds);
        expect(lines).toEqual([expect.stringMatching(/^data: /), 'id: a.1', '', '']);
      }),
    );
  });

  it('puts retry, event, data and last the id in lines of their own', () => {
    expect(encodeFrame({ id: 'a', event: 'ping', json: '{}', retry: 5 })).toBe(
      'retry: 5\nevent: ping\ndata: {}\nid: a\n\n',
    );
    expect(encodeFrame({ event: 'end', json: '{}' })).toBe('event: end\ndata: {}\n\n');
  });

  it('moves no client on that keeps an id as soon as it has read its line, unless the frame is all but whole', () => {
    const frame = encodeFrame({ id: 'new', event: 'ping', json: '{"a":1}', retry: 5 });
    for (let bytes = 0; bytes < frame.length - 1; bytes += 1) {
      expect(frame.slice(0, bytes)).not.toMatch(/^id: new\n/m);
    }
  });
});
