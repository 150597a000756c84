import { paths } from '../../protocol/routes.ts';
import { randomBytes } from 'node:crypto';
import { readStats, refuseBadTokens, refuseStats } from './access-checks.ts';
import { allowOrigin, ignoreUnlistedOrigin } from './cors-checks.ts';
import { Deployment } from './deployment.ts';
import type { DeploymentAddress } from './deployment.ts';
import { disconnect } from './disconnect-check.ts';
import { filterReplay } from './filter-check.ts';
import { readHistory } from './history-check.ts';
import { endById, testedLeaseSeconds, refuseToEndNothing, renewLease } from './lease-checks.ts';
import { testPresence } from './presence-steps.ts';
import { goOnLive, resume } from './resume-checks.ts';
import { readPage, refuseRevocation, refuseUnknownPath } from './route-checks.ts';
import { openSocket, socketSteps, testSocket } from './socket-steps.ts';
import type { StepResult } from './steps.ts';
import { Steps } from './steps.ts';
import { awaitEvents, connect, expectStatusChange } from './stream-checks.ts';
import { connectByTicket, getTicket, refuseTicketAsToken } from './ticket-checks.ts';
import type { Connected } from './stream-checks.ts';
import type { SmokeTask } from './task-checks.ts';
import { createTask, deleteTask, listTasks, moveTask, readTask, removeTasks } from './task-checks.ts';

/** What to test and how. */
export interface SmokeOptions extends DeploymentAddress {
  /** A token with the admin claim, of the same workspace; without one the statistics must be refused. */
  readonly adminToken: string | undefined;
  /** An origin that the stage allows. */
  readonly origin: string | undefined;
  /** The edge is on: the page answers at the base URL. */
  readonly page: boolean;
  /** Leaves out all that needs an open stream. */
  readonly skipStream: boolean;
  /** Time for each step, in milliseconds. */
  readonly limitMs: number;
}

const statusBefore = 'inbox';
const statusAfter = 'in_progress';
const leaseSteps = ['connect with a lease', 'renew the lease', 'end the stream by its id'] as const;
const changed = ['task.created', 'task.status_changed', 'task.updated'] as const;
const wholeLife = [...changed, 'task.deleted'] as const;

/**
 * Tests a deployment with the token's rights: makes two tasks, and removes whatever it has made.
 * @param interrupt stops the test early; what was made is still removed.
 * @param onResult called with each step as it ends.
 * @returns what became of each step.
 */
export async function runSmokeTest(
  options: SmokeOptions,
  interrupt: AbortSignal,
  onResult: (result: StepResult) => void,
): Promise<Steps> {
  const steps = new Steps(options.limitMs, interrupt, onResult);
  const deployment = new Deployment(options);
  const created = new Set<number>();
  const open: Connected[] = [];
  try {
    const api = await steps.run('list tasks', {}, (_, signal) => listTasks(deployment, signal));
    await testAccess(steps, deployment, options, api);
    await testLife(steps, deployment, options, api, { created, open });
  } finally {
    for (const { stream } of open) stream.close();
    await steps.runAlways('clean up', (signal) => removeTasks(deployment, signal, created));
  }
  return steps;
}

async function testAccess(
  steps: Steps,
  deployment: Deployment,
  { origin, page, skipStream, adminToken, token }: SmokeOptions,
  api: true | undefined,
): Promise<void> {
  if (page) await steps.run('the page', {}, (_, signal) => readPage(deployment, signal));
  else steps.skip('the page', 'no --page given');
  await steps.run('an unknown path', { 'list of tasks': api }, (_, signal) =>
    refuseUnknownPath(deployment, signal),
  );
  await steps.run('API refuses bad tokens', { 'list of tasks': api }, (_, signal) =>
    refuseBadTokens(deployment, signal, paths.tasks),
  );
  if (skipStream) steps.skip('stream refuses bad tokens', '--skip-stream');
  else {
    await steps.run('stream refuses bad tokens', {}, (_, signal) =>
      refuseBadTokens(deployment, signal, paths.stream),
    );
  }
  if (adminToken === token) {
    steps.skip('statistics are for admins', '--token is an admin’s');
    steps.skip('revocations are for admins', '--token is an admin’s');
  } else {
    const user = await steps.run('statistics are for admins', { 'list of tasks': api }, (_, signal) =>
      refuseStats(deployment, signal),
    );
    // Not for a token that turned out to be an admin's, whose revocation would count.
    await steps.run('revocations are for admins', { 'refusal of the statistics': user }, (_, signal) =>
      refuseRevocation(deployment, signal, `smoke-test-${randomBytes(4).toString('hex')}`),
    );
  }
  await steps.run('a stream that is not there', { 'list of tasks': api }, (_, signal) =>
    refuseToEndNothing(deployment, signal),
  );
  await steps.run('CORS tells an unlisted origin nothing', { 'list of tasks': api }, (_, signal) =>
    ignoreUnlistedOrigin(deployment, signal, skipStream),
  );
  if (origin === undefined) steps.skip('CORS allows the origin', 'no --origin given');
  else {
    await steps.run('CORS allows the origin', { 'list of tasks': api }, (_, signal) =>
      allowOrigin(deployment, signal, origin, skipStream),
    );
  }
}

/** The life of a task, seen through the API and, unless that is left out, through streams. */
async function testLife(
  steps: Steps,
  deployment: Deployment,
  { skipStream, token, adminToken, socketUrl }: SmokeOptions,
  api: true | undefined,
  { created, open }: { readonly created: Set<number>; readonly open: Connected[] },
): Promise<void> {
  /** A step that needs a stream, or its absence as wanted. */
  const streamStep: Steps['run'] = async (name, needs, act) => {
    if (!skipStream) return steps.run(name, needs, act);
    steps.skip(name, '--skip-stream');
    return undefined;
  };
  const noteStream = (connected: Connected | undefined): Connected | undefined => {
    if (connected !== undefined) open.push(connected);
    return connected;
  };
  const create = (name: string): Promise<SmokeTask | undefined> =>
    steps.run(name, { 'list of tasks': api }, (_, signal) =>
      createTask(deployment, signal, `smoke test ${randomBytes(4).toString('hex')}`, (id) => created.add(id)),
    );

  const stream = noteStream(await streamStep('connect', {}, (_, signal) => connect(deployment, signal, {})));
  const ticket = await steps.run('get a ticket', { 'list of tasks': api }, (_, signal) =>
    getTicket(deployment, signal),
  );
  await steps.run('a ticket is no token', { ticket }, (needs, signal) =>
    refuseTicketAsToken(deployment, signal, needs.ticket),
  );
  await streamStep('connect by the ticket', { stream, ticket }, (needs, signal) =>
    connectByTicket(deployment, signal, needs.ticket),
  );
  if (adminToken === undefined) steps.skip('statistics', 'no --admin-token given');
  else {
    await steps.run('statistics', { 'list of tasks': api }, (_, signal) =>
      readStats(deployment, signal, adminToken, stream?.connectionId),
    );
  }
  const task = await create('create a task');
  const told = await streamStep('event of the create', { stream, task }, (needs, signal) =>
    awaitEvents(needs.stream, signal, needs.task.id, needs.task.createdAt, ['task.created']),
  );
  await steps.run('read the task', { task }, (needs, signal) =>
    readTask(deployment, signal, needs.task.id, { name: needs.task.name, status: statusBefore }),
  );
  await steps.run('list the task', { task }, (needs, signal) => listTasks(deployment, signal, needs.task.id));
  const move = await steps.run('change the status', { task }, (needs, signal) =>
    moveTask(deployment, signal, needs.task, statusAfter),
  );
  const moved = await streamStep(
    'events of the status change',
    { stream, task, 'event of the create': told, move },
    async (needs, signal) => {
      const outcome = await awaitEvents(needs.stream, signal, needs.task.id, needs.move.began, changed);
      expectStatusChange(outcome.value, statusBefore, statusAfter);
      return { ...outcome, found: 'task.status_changed, task.updated' };
    },
  );
  await testPresence(steps, deployment, { token, adminToken, skipStream }, task);
  const removal = await steps.run('delete the task', { task }, (needs, signal) =>
    deleteTask(deployment, signal, needs.task.id),
  );
  const live = await streamStep(
    'event of the delete',
    { stream, task, 'events until here': moved, removal },
    (needs, signal) => awaitEvents(needs.stream, signal, needs.task.id, needs.removal.began, wholeLife),
  );
  const resumed = noteStream(
    await streamStep('resume', { stream, task, 'events until here': live }, (needs, signal) =>
      resume(deployment, signal, needs.stream.cursor, needs.task.id, needs['events until here']),
    ),
  );
  await streamStep('a filter', { stream, task, 'events until here': live }, (needs, signal) =>
    filterReplay(deployment, signal, needs.stream.cursor, needs.task.id),
  );
  await streamStep('history', { task, 'events until here': live }, (needs, signal) =>
    readHistory(deployment, signal, needs.task.id),
  );
  if (skipStream) {
    for (const name of [...socketSteps, 'streams go on, once each', 'disconnect', ...leaseSteps]) {
      steps.skip(name, '--skip-stream');
    }
    return;
  }
  const socket = await openSocket(steps, deployment, socketUrl);
  const later = resumed === undefined ? undefined : await create('create a second task');
  await steps.run('streams go on, once each', { stream, task, resume: resumed, later }, (needs, signal) =>
    goOnLive(
      [needs.stream, needs.resume],
      signal,
      { id: needs.task.id, wanted: wholeLife },
      { id: needs.later.id, began: needs.later.createdAt },
    ),
  );
  await testSocket(steps, socket, later);
  await steps.run('disconnect', { stream }, (needs, signal) => disconnect(deployment, signal, needs.stream));
  await testLease(steps, deployment, noteStream);
}

/** The life of a stream whose client has to show that it is there. */
async function testLease(
  steps: Steps,
  deployment: Deployment,
  noteStream: (connected: Connected | undefined) => Connected | undefined,
): Promise<void> {
  const [connectStep, renewStep, endStep] = leaseSteps;
  const stream = noteStream(
    await steps.run(connectStep, {}, (_, signal) =>
      connect(deployment, signal, { leaseSeconds: testedLeaseSeconds }),
    ),
  );
  await steps.run(renewStep, { stream }, (needs, signal) => renewLease(deployment, signal, needs.stream));
  await steps.run(endStep, { stream }, (needs, signal) => endById(deployment, signal, needs.stream));
}
