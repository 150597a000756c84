const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** The units in which a time is told, with the length of each in seconds, and up to how many seconds it is told in it. */
const units = [
  ['minute', 60, 50 * 60],
  ['hour', 3600, 22 * 3600],
  ['day', 86_400, 26 * 86_400],
  ['month', 30.44 * 86_400, 320 * 86_400],
  ['year', 365.25 * 86_400, Infinity],
] as const;

/** Says when something was, such as `3 minutes ago`. What the server's clock has in the future is now. */
export function relativeWords(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < 45) return 'just now';
  const [unit, length] = units.find(([, , most]) => seconds < most)!;
  return words.format(-Math.max(1, Math.round(seconds / length)), unit);
}
