import { characterBytes } from '../../protocol/task-input.ts';

let segmenter: Intl.Segmenter | undefined;

/**
 * Splits text into what users see as characters. Source: Unicode Standard Annex 29, extended grapheme clusters.
 * Few texts need it, and to make it takes 10 ms, which each function would take to start.
 */
function graphemesOf(text: string): Iterable<unknown> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/**
 * Whether a text has at most so many characters as users see them: an emoji is one, however many code points it is made
 * of. A single character can be made of thousands, so the bytes are bounded too.
 */
export function isAtMost(text: string, most: number): boolean {
  // Text of no more code units has no more characters: nearly all of it is done with here.
  if (text.length <= most) return true;
  if (Buffer.byteLength(text) > most * characterBytes) return false;
  let count = 0;
  for (const _ of graphemesOf(text)) {
    count += 1;
    if (count > most) return false;
  }
  return true;
}

/**
 * What shows nothing: white space, controls, formats (zero width, direction, tags), what Unicode calls ignorable (Hangul
 * fillers, variation selectors), and three signs that are blank though nothing says so.
 */
const invisible = /^(?:[\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u{2800}\u{1D159}]|\u{16FE4})*$/u;

/** Whether a text has anything that can be seen. */
export function isVisible(text: string): boolean {
  return !invisible.test(text);
}
