import type { Deployment } from './deployment.ts';
import { awaitPush, pingSocket, pushPresence, subscribe } from './socket-checks.ts';
import type { SmokeSocket } from './socket.ts';
import type { Steps } from './steps.ts';
import type { SmokeTask } from './task-checks.ts';

/** What is tried over the WebSocket, in this order. */
export const socketSteps = [
  'subscribe over the WebSocket',
  'push',
  'ping over the WebSocket',
  'presence over the WebSocket',
] as const;

/** Opens the WebSocket before the task is made whose event is to be pushed. */
export async function openSocket(
  steps: Steps,
  deployment: Deployment,
  socketUrl: URL | undefined,
): Promise<SmokeSocket | undefined> {
  if (socketUrl !== undefined) {
    return steps.run(socketSteps[0], {}, (_, signal) => subscribe(deployment, signal));
  }
  for (const name of socketSteps) steps.skip(name, 'no --socket-url given');
  return undefined;
}

/** Sees that what is written is pushed, and that a ping is answered. */
export async function testSocket(
  steps: Steps,
  socket: SmokeSocket | undefined,
  later: SmokeTask | undefined,
): Promise<void> {
  if (socket === undefined) return;
  const [, pushStep, pingStep, presenceStep] = socketSteps;
  const pushed = await steps.run(pushStep, { later }, (needs, signal) =>
    awaitPush(socket, signal, needs.later.id, needs.later.createdAt),
  );
  await steps.run(pingStep, { pushed }, (needs, signal) => pingSocket(socket, signal, needs.pushed.id));
  await steps.run(presenceStep, { later }, (needs, signal) => pushPresence(socket, signal, needs.later.id));
  socket.close();
}
