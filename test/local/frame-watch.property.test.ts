import fc from 'fast-check';
import { FrameLengths } from '../../local/websocket/frame-watch.ts';

/** A frame of the given length as it goes over the wire. Source: RFC 6455, 5.2. */
function frame(length: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x81, mask | length])
      : length < 65_536
        ? Buffer.from([0x81, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x81, mask | 127]), eightBytes(length)]);
  return Buffer.concat([head, Buffer.alloc((masked ? 4 : 0) + length, 0xff)]);
}

function eightBytes(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

it('the lengths of frames are read however their bytes are cut', () => {
  const lengths = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(125, 126, 65_535, 65_536),
    fc.integer({ min: 0, max: 70_000 }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(lengths, fc.boolean()), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(([length, masked]) => frame(length, masked)));
        const seen: number[] = [];
        const reader = new FrameLengths((length) => seen.push(length));
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const next = at + cuts[cut % cuts.length]!;
          reader.push(bytes.subarray(at, next));
          at = next;
        }
        expect(seen).toEqual(frames.map(([length]) => length));
      },
    ),
    { numRuns: 200 },
  );
});
