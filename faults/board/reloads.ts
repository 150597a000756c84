import type { ResumeReason } from '../../protocol/frames.ts';
import type { Replica } from './replica.ts';

/**
 * What a fault may do to clients: nobody has to load everything again (`none`); some may have to, for these reasons; or
 * each must, for these reasons and no other.
 */
export type Reloads =
  'none' | { readonly may: readonly ResumeReason[] } | { readonly must: readonly ResumeReason[] };

/** What a client's reloads are judged by. */
export type ReloadingClient = Pick<Replica, 'user' | 'reloadReasons'>;

/** Who had to load again without need or for a wrong reason, and who never had to and must, in words. */
export function judgeReloads(reloads: Reloads, clients: readonly ReloadingClient[]): string[] {
  const must = typeof reloads === 'object' && 'must' in reloads ? reloads.must : [];
  const allowed: readonly string[] = reloads === 'none' ? [] : 'must' in reloads ? must : reloads.may;
  return clients.flatMap(({ user: { sub }, reloadReasons: reasons }) => {
    const wrong = reasons.filter((reason) => !allowed.includes(reason));
    if (wrong.length > 0) return [`${sub} had to load again: ${wrong.join(', ')}`];
    return must.length > 0 && reasons.length === 0
      ? [`${sub} never had to load again, and must: ${must.join(' or ')}`]
      : [];
  });
}
