import { useEffect, useState } from 'react';
import { relativeWords } from './relative-words.ts';

/** How often the words are looked at, milliseconds. */
const tickMs = 20_000;

/** A time in words, as it is from now. */
export function RelativeTime({ at }: { readonly at: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  const time = new Date(at);
  return (
    <time dateTime={at} title={time.toLocaleString()}>
      {relativeWords(time.getTime(), now)}
    </time>
  );
}
