import type { AwarenessEvent } from '../../protocol/awareness.ts';
import { feedOverlapMs } from '../../core/awareness/feed.ts';
import { socketBeginning } from '../../core/awareness/socket-beginning.ts';
import type { Clock } from '../../core/clock.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { AwarenessService } from '../shared/awareness/awareness-service.ts';
import type { PresenceStore } from '../shared/dynamodb/presence-store.ts';

export interface AwarenessBeginningPorts {
  readonly awareness: Pick<AwarenessService, 'look'>;
  readonly said: Pick<PresenceStore, 'since'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Reads what a client is told of other users first that is among those who are pushed to by now.
 * @throws what the tables throw.
 */
export async function awarenessBeginning(
  principal: Principal,
  { awareness, said, clock }: AwarenessBeginningPorts,
): Promise<readonly AwarenessEvent[]> {
  const from = clock.now() - feedOverlapMs;
  // Consistent: what was written before the client was among those who are pushed to is told here, or never.
  const named = await said.since(principal.workspace, from, true);
  const found = await awareness.look(principal.workspace);
  const entries = named.map(({ entry }) => entry);
  return socketBeginning(principal, found, entries, from, clock.now());
}
