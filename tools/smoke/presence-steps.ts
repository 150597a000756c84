import { randomBytes } from 'node:crypto';
import type { Deployment } from './deployment.ts';
import { isObject } from './http-answer.ts';
import { jsonOrText } from './json-or-text.ts';
import { closePage, listViewers, openPage, watchPresence } from './presence-checks.ts';
import type { Steps } from './steps.ts';
import type { SmokeTask } from './task-checks.ts';
import type { OtherUser } from './typing-checks.ts';
import { hearTyping, hidePrivateTask, noteTyping } from './typing-checks.ts';

/** Who says something in the test. */
interface Speakers {
  readonly token: string;
  readonly adminToken: string | undefined;
}

const withStreamOnly = ['connect with presence', 'a page is open', 'who is there', 'a page closes'] as const;
const withOthersOnly = ['typing is told', 'presence hides a private task'] as const;

/** Sees that it can be said, and is told, who is there and who types; at a task of the test. */
export async function testPresence(
  steps: Steps,
  deployment: Deployment,
  { token, adminToken, skipStream }: Speakers & { readonly skipStream: boolean },
  task: SmokeTask | undefined,
): Promise<void> {
  await steps.run('typing', { task }, (needs, signal) => noteTyping(deployment, signal, needs.task.id));
  if (skipStream) {
    for (const name of [...withStreamOnly, ...withOthersOnly]) steps.skip(name, '--skip-stream');
    return;
  }
  const viewId = `smoke-test-${randomBytes(4).toString('hex')}`;
  const [connectStep, openStep, listStep, closeStep] = withStreamOnly;
  const watching = await steps.run(connectStep, {}, (_, signal) => watchPresence(deployment, signal));
  try {
    const opened = await steps.run(openStep, { task, stream: watching }, (needs, signal) =>
      openPage(deployment, signal, needs.stream, { viewId, state: 'active', taskId: needs.task.id }),
    );
    await steps.run(listStep, { task, stream: watching, page: opened }, (needs, signal) =>
      listViewers(deployment, signal, needs.stream, needs.task.id),
    );
    const other = otherUser({ token, adminToken });
    if (typeof other === 'string') {
      for (const name of withOthersOnly) steps.skip(name, other);
    } else {
      const [typingStep, privateStep] = withOthersOnly;
      await steps.run(typingStep, { task, stream: watching }, (needs, signal) =>
        hearTyping(deployment, signal, needs.stream, needs.task.id, other),
      );
      await steps.run(privateStep, { task, stream: watching }, (needs, signal) =>
        hidePrivateTask(deployment, signal, needs.stream, { taskId: needs.task.id, viewId }, other),
      );
    }
    await steps.run(closeStep, { task, stream: watching, page: opened }, (needs, signal) =>
      closePage(deployment, signal, needs.stream, { viewId, state: 'left', taskId: needs.task.id }),
    );
  } finally {
    watching?.stream.close();
  }
}

/** The user of the admin's token, where that is another one; else why there is none. */
function otherUser({ token, adminToken }: Speakers): OtherUser | string {
  if (adminToken === undefined) return 'no --admin-token given';
  const [own, userId] = [token, adminToken].map(userOf);
  if (typeof userId !== 'string' || userId === own) return '--admin-token is of the same user';
  return { token: adminToken, userId };
}

/** Whose a token is, by what it says itself. */
function userOf(token: string): unknown {
  const claims = jsonOrText(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return isObject(claims) ? claims['sub'] : undefined;
}
