import type { SegmentFacts } from '../../operate/log/log-faults.ts';
import { faultsOf } from '../../operate/log/log-faults.ts';
import type { RawHead } from '../../operate/log/stored-log.ts';

const historySeconds = 3600;
const now = Date.UTC(2026, 0, 1);
const log = '0123456789abcdef';
const other = 'fedcba9876543210';

function head(last: unknown, more: Readonly<Record<string, unknown>> = {}): RawHead {
  return {
    workspace: 'acme',
    segment: 0,
    log,
    key: 'key',
    last,
    stream: 'a',
    high: '9',
    newest: now,
    at: now,
    ...more,
  };
}

/** Segments of the log by their numbers, or with other facts. */
function segments(
  ...all: readonly (number | (Partial<SegmentFacts> & { segment: number }))[]
): SegmentFacts[] {
  return all.map((each) => ({
    log,
    at: now,
    expires: now / 1000 + historySeconds,
    format: 2,
    ...(typeof each === 'number' ? { segment: each } : each),
  }));
}

const past = { expires: now / 1000 - 1 };
const unreadable = 'segment 2 of workspace acme has format 3';

describe('the faults of a log', () => {
  it.each([
    ['that is whole', head(3), segments(1, 2, 3), []],
    ['whose first segments have expired', head(3), segments(2, 3), []],
    ['whose expired segments were deleted in no order', head(4), segments({ segment: 1, ...past }, 3, 4), []],
    ['of which nothing is kept', head(3, { at: now - 2 * historySeconds * 1000 }), [], []],
    ['that a reader has made', head(0, { at: 0 }), [], []],
    ['that there is not', undefined, [], []],
    ['that follows another one', head(3), segments({ segment: 1, log: other }, 2, 3), []],
    ['without a head', undefined, segments(1, 2), ['no_head']],
    [
      'without a head, of which all is past its time',
      undefined,
      segments({ segment: 2, ...past }),
      ['no_head'],
    ],
    ['whose head has no number', head('x'), segments(1), ['bad_head']],
    ['whose head has no time', head(1, { at: undefined }), segments(1), ['bad_head']],
    ['whose head is behind', head(1), segments(1, 2), ['behind']],
    ['that began again below another', head(1), segments(1, { segment: 5, log: other }), ['behind']],
    ['whose head is ahead', head(3), segments(1, 2), ['ahead']],
    ['whose last segment is of another log', head(2), segments(1, { segment: 2, log: other }), ['ahead']],
    ['with a hole', head(5), segments(1, 2, 4, 5), ['gap']],
    ['with a hole that is only past its time', head(3), segments(1, { segment: 2, ...past }, 3), []],
    [
      'with a segment that cannot be read',
      head(2),
      segments(1, { segment: 2, unreadable: 'x' }),
      ['unreadable'],
    ],
    ['with a segment of a newer format', head(2), segments(1, { segment: 2, unreadable }), ['newer_format']],
    ['with one that nobody reads any more', head(2), segments({ segment: 1, unreadable, ...past }, 2), []],
  ] as const)('%s', (_, raw, found, kinds) => {
    const faults = faultsOf({ before: raw, after: raw, segments: found }, now, historySeconds);
    expect(faults.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('are none where an append came between the reads', () => {
    const found = { before: head(2), after: head(3) };
    expect(faultsOf({ ...found, segments: segments(1, 2, 3) }, now, historySeconds)).toEqual([]);
    expect(faultsOf({ ...found, segments: segments(1, 2) }, now, historySeconds)).toEqual([]);
  });
});
