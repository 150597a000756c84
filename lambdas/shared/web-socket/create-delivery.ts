import { systemClock } from '../runtime/clock.ts';
import { createManagementClient, Sockets } from './client.ts';
import { Delivery } from './delivery.ts';

/**
 * Makes what sends frames, once a process.
 * @param endpoint address of the WebSocket API's stage.
 */
export function createDelivery(endpoint: string): Delivery {
  // One try: the delivery knows better what may be tried again, and when.
  const sockets = new Sockets(createManagementClient(endpoint, 1));
  return new Delivery({ sockets, clock: systemClock, random: Math.random });
}
