import type { Clock } from '../clock.ts';
import type { Observer } from '../observer.ts';
import { patienceMs } from './drain.ts';

/**
 * What a call gives; undefined when it fails, or takes too long. The observer hears what the trouble is, however late that
 * turns out.
 */
export async function patiently<Result>(
  trouble: string,
  { clock, observer }: { readonly clock: Clock; readonly observer: Pick<Observer, 'trouble'> },
  call: () => Promise<Result>,
): Promise<Result | undefined> {
  const answered = new AbortController();
  const outOfPatience = clock.sleep(patienceMs, answered.signal).then(() => undefined);
  const answer = call().catch((error: unknown) => {
    observer.trouble(trouble, error);
    return undefined;
  });
  const first = await Promise.race([answer, outOfPatience]);
  answered.abort();
  return first;
}
