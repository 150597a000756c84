import fc from 'fast-check';
import { isAtMost, isVisible } from '../../core/task/text.ts';

describe('the length of a text', () => {
  it.each([
    ['a', 200],
    ['👍', 200],
    ['👍🏽', 200],
    ['🇩🇪', 200],
    ['👨‍👩‍👧‍👦', 200],
    ['🏴󠁧󠁢󠁳󠁣󠁴󠁿', 200],
    ['é', 200],
    ['한', 200],
    ['नि', 200],
  ])('is counted in what users see: of %s there may be as many as of any', (character, most) => {
    expect(isAtMost(character.repeat(most), most)).toBe(true);
    expect(isAtMost(character.repeat(most + 1), most)).toBe(false);
  });

  it('is bounded for one character of very many marks as well', () => {
    expect(isAtMost(`a${'\u0301'.repeat(10)}`, 1)).toBe(true);
    expect(isAtMost(`a${'\u0301'.repeat(5000)}`, 200)).toBe(false);
  });

  it('never is more than the number of code units', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(isAtMost(text, text.length)).toBe(true);
      }),
    );
  });
});

describe('what can be seen', () => {
  it.each([
    '',
    ' ',
    '\t\r\n\u00a0\u2003\u3000\u2028',
    '\u200b',
    '\u200b\u200c\u200d\u2060\ufeff',
    '\u0000\u0007\u001f\u007f\u0085\u009f',
    '\u2800\u2800',
    '\u115f\u1160\u3164\uffa0',
    '\u00ad\u034f\u061c\u180e',
    '\u202a\u202e\u2066\u2069\u200e\u200f',
    '\ufe0f\u{e0100}\u{e0041}\u180b',
    '\u{1d159}\u{1d173}\u{16fe4}',
    '\ufff9\ufffb',
  ])('of %j is nothing', (text) => {
    expect(isVisible(text)).toBe(false);
  });

  it.each(['a', ' a ', '\u200bx', '👍', '👨‍👩‍👧‍👦', '.', '-', '한', '\u{10ffff}x', 'नि', '\u2060❤\ufe0f'])(
    'of %j is something',
    (text) => {
      expect(isVisible(text)).toBe(true);
    },
  );
});
