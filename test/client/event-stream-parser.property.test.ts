import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import type { StreamedEvent } from '../../client/connection/event-stream-parser.ts';
import { eventStreamParser } from '../../client/connection/event-stream-parser.ts';

interface Read {
  readonly events: StreamedEvent[];
  readonly retries: number[];
}

/** What our parser makes of a stream that arrives in these pieces. */
function read(pieces: readonly string[]): Read {
  const told: Read = { events: [], retries: [] };
  const feed = eventStreamParser({
    onEvent: (event) => told.events.push(event),
    onRetry: (milliseconds) => told.retries.push(milliseconds),
  });
  for (const piece of pieces) feed(piece);
  return told;
}

/** What the parser makes of it that most clients use. */
function readByOthers(pieces: readonly string[]): Read {
  const told: Read = { events: [], retries: [] };
  const parser = createParser({
    onEvent: ({ event: name = 'message', id = '', data }) => told.events.push({ name, id, data }),
    onRetry: (milliseconds) => told.retries.push(milliseconds),
  });
  for (const piece of pieces) parser.feed(piece);
  return told;
}

const anyField = fc.constantFrom('data', 'event', 'id', 'retry', 'da', 'ids', 'Data', 'comment', '');
const anyValue = fc.oneof(
  fc.constantFrom('', ' ', '1', '007', '2500', '-1', '1.5', 'a:b', ' c', 'nul\0', 'ü\u2028€', '{"a": 1}'),
  fc.string({ unit: fc.constantFrom('a', ':', ' ', '0', '\0', '\u2028') }),
);
const anyLine = fc.oneof(
  { arbitrary: fc.constant(''), weight: 2 },
  {
    arbitrary: fc
      .tuple(anyField, fc.constantFrom('', ':', ': '), anyValue)
      .map(([field, colon, value]) => `${field}${colon}${colon === '' ? '' : value}`),
    weight: 4,
  },
);
const anyStream = fc
  .tuple(
    fc.array(fc.tuple(anyLine, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 25 }),
    // What has not ended yet.
    anyLine,
  )
  .map(([lines, rest]) => [...lines.flat(), rest].join(''));

/** A stream, cut anywhere. */
const anyPieces = fc.tuple(anyStream, fc.array(fc.nat(400), { maxLength: 12 })).map(([stream, cuts]) => {
  const places = [0, ...cuts.map((cut) => Math.min(cut, stream.length)), stream.length].toSorted(
    (one, other) => one - other,
  );
  return places.slice(1).map((end, index) => stream.slice(places[index], end));
});

describe('the parser of event streams', () => {
  it('reads every stream as the one does that others use, wherever it is cut', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        // Ends the line whose return may be half of its end, and the event.
        const all = [...pieces, '\n', '\n\n'];
        expect(read(all)).toEqual(readByOthers(all));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads the same wherever it is cut, and no later than a line has ended for sure', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        expect(read(pieces)).toEqual(read([pieces.join('')]));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is told of an event by the piece that ends it', () => {
    const events: StreamedEvent[] = [];
    const feed = eventStreamParser({ onEvent: (event) => events.push(event), onRetry: () => undefined });
    feed(': a comment\nid: 7\nevent: pi');
    feed('ng\ndata: one\n');
    expect(events).toEqual([]);
    feed('data:two\n\ndata: x');
    expect(events).toEqual([{ name: 'ping', id: '7', data: 'one\ntwo' }]);
    // A return alone is known for a line's end by what follows.
    for (const piece of ['\r', '\r', 'data']) feed(piece);
    expect(events.at(-1)).toEqual({ name: 'message', id: '', data: 'x' });
  });

  it('reads a line of ten megabytes in ten thousand pieces, which it does not look at again with each', () => {
    const piece = 'x'.repeat(1_000);
    // With each it would take half a minute, or many on a slow machine.
    const { events } = read(['data: ', ...Array.from({ length: 10_000 }, () => piece), '\n\n']);
    expect(events).toEqual([{ name: 'message', id: '', data: piece.repeat(10_000) }]);
  });
});
