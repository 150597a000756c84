import type { SubscriberStore } from '../dynamodb/subscriber-store.ts';
import type { PushFunction, PushOrder } from './push-function.ts';

export interface HandOnPorts {
  readonly subscribers: Pick<SubscriberStore, 'page'>;
  readonly push: Pick<PushFunction, 'order'>;
}

/** There was no time to hand everything on. By name, the log knows it as trouble that passes. */
export class HandOnTimeout extends Error {
  override readonly name = 'HandOnTimeout';
}

/**
 * Hands an order on to the function that pushes, where anybody has subscribed.
 * @param signal breaks it off.
 * @throws what the table and Lambda throw.
 */
export async function handOnOrder(
  order: PushOrder,
  { subscribers: store, push }: HandOnPorts,
  signal: AbortSignal,
): Promise<void> {
  const { subscribers } = await store.page(order.workspace, undefined, 1, signal);
  if (subscribers.length > 0 && !signal.aborted) await push.order(order, signal);
}
