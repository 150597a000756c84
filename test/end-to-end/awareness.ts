import type { Answered, TestStack, Who } from './stack.ts';
import type { Subscribed, Transport, Wanted } from './transports.ts';

/** What a page says of itself, besides its name. */
export interface SaidOfPage {
  readonly state?: string;
  readonly taskId?: number;
  readonly lease?: number;
}

/** Says how a page is seen, active unless it says otherwise, and resolves when that was pushed: pushes may overtake each other. */
export async function view(stack: TestStack, who: Who, viewId: string, said: SaidOfPage = {}): Promise<void> {
  const { status, body } = await stack.request(who, 'POST', '/presence', {
    viewId,
    state: 'active',
    ...said,
  });
  if (status !== 200) throw new Error(`POST /presence: ${status} ${body.code}`);
  await stack.local.invocations.idle();
}

/** Says that a user types at a task, or has stopped, and resolves when that was pushed. */
export async function type(stack: TestStack, who: Who, taskId: number, typing?: boolean): Promise<Answered> {
  const body = typing === undefined ? undefined : { typing };
  const answer = await stack.request(who, 'POST', `/tasks/${taskId}/typing`, body);
  await stack.local.invocations.idle();
  return answer;
}

/** Connects with `presence=true`, and resolves when all who are there have been told. */
export async function watch(
  transport: Transport,
  stack: TestStack,
  who: Who,
  wanted: Wanted = {},
): Promise<Subscribed> {
  const subscribed = await transport.connect(stack, who, { ...wanted, presence: 'true' });
  await subscribed.until(() => subscribed.others.some(({ last }) => last === true));
  return subscribed;
}

const nameOf = ({ userId, state, tasks }: { userId: string; state: string; tasks: number[] }): string =>
  [
    userId,
    ...(state === 'hidden' ? ['hidden'] : []),
    ...(tasks.length > 0 ? [`at ${tasks.join(',')}`] : []),
  ].join(' ');

/** What a client was told of other users, but that somebody types on: over a WebSocket that is said again. */
export function heard({ others }: Pick<Subscribed, 'others'>): Subscribed['others'] {
  const typing = new Set<string>();
  return others.filter(({ type: name, taskId, userId }) => {
    const key = `${taskId} ${userId}`;
    if (name === 'typing.stopped') typing.delete(key);
    if (name !== 'typing.started') return true;
    const isNew = !typing.has(key);
    typing.add(key);
    return isNew;
  });
}

/** What a client was told of other users, one text each: `joined bob at 7`, `typing.started bob 7`. */
export function told(subscribed: Subscribed): string[] {
  return heard(subscribed).map(({ type: name, viewers, taskId, ...event }) => {
    if (name === 'presence.snapshot') return `snapshot: ${viewers.map(nameOf).toSorted().join(', ')}`;
    if (name === 'presence.left') return `left ${event.userId}`;
    if (name.startsWith('presence.')) return `${name.slice('presence.'.length)} ${nameOf(event)}`;
    return `${name} ${event.userId} ${taskId}`;
  });
}

/** Resolves when a client was told something of other users; on a stream that ends before, it fails. */
export function untilTold(subscribed: Subscribed, text: string): Promise<unknown> {
  return subscribed.until(() => told(subscribed).includes(text));
}

/** Who is there, as `GET /presence` says it to a user. */
export async function whoIsThere(stack: TestStack, who: Who): Promise<string[]> {
  const { body } = await stack.request(who, 'GET', '/presence');
  return body.viewers.map(nameOf);
}
