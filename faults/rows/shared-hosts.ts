import { ContainerService } from '../../local/containers/container-service.ts';
import { WebFunction } from '../../local/web-functions/web-function.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { stopSeconds } from '../stack/stack.ts';
import { streamsOf } from './transports.ts';

/** The hosts that have many streams in one process. */
const hosts = ['web-function', 'container'] as const;

/** What an environment takes at most. Source: "Scaling behavior for Lambda Web Functions", Lambda developer guide. */
const streamsPerEnvironment = 128;

const newRevisions = 3;

/**
 * Within which a stream is handed over where memory is above its mark: the host looks every 15 s, and the stream ends 8 s
 * after its client was told. Source: docs/ARCHITECTURE.md, "What hosts the streams". Milliseconds.
 */
const handedOverMs = 23_000;

/** Faults of a host that has many streams in one process. */
export const sharedHostRows: readonly Row[] = [
  { name: 'a process goes with all its streams', hosts, profile: 'load', run: loseProcess },
  { name: 'a new revision', hosts: ['web-function'], profile: 'shared host', run: deployRevisions },
  { name: 'a rolling deploy', hosts: ['container'], profile: 'rolling deploys', run: deployTasks },
  {
    name: 'a rolling deploy that waits',
    hosts: ['container'],
    profile: 'short sessions',
    run: deployPatiently,
  },
  { name: 'fewer places than asked for', hosts: ['web-function'], profile: 'shared host', run: takeFew },
  { name: 'leaving that is not told', hosts, profile: 'shared host', run: hideLeaving },
  { name: 'memory above its mark', hosts, profile: 'little memory', run: outgrowMemory },
  { name: 'time-out of the request', hosts: ['web-function'], profile: 'short requests', run: timeOut },
];

/** What hosts the streams, which is one of some kinds. */
function hostOf<Host extends WebFunction | ContainerService>(
  { stack }: Injection,
  ...kinds: readonly (abstract new (...given: never[]) => Host)[]
): Host {
  const { streamHost } = stack.local;
  for (const kind of kinds) if (streamHost instanceof kind) return streamHost;
  throw new Error('the streams of the template have another host');
}

const sharedHostOf = (injection: Injection): WebFunction | ContainerService =>
  hostOf<WebFunction | ContainerService>(injection, WebFunction, ContainerService);

/** A process dies without a word, with all the streams that it has: all are back, and nothing is missing. */
async function loseProcess(injection: Injection): Promise<void> {
  const host = sharedHostOf(injection);
  const crowd = await injection.gather([{ sub: 'reader', count: streamsPerEnvironment }]);
  await injection.write(20);
  for (let time = 1; time <= 2; time += 1) {
    await injection.settled();
    const [times] = await Promise.all([crowd.breakOff(() => host.crash()), injection.write(20)]);
    injection.injected += times.count;
    injection.notes.push(
      `loss ${time}: ${times.count} clients are back, the last after ${times.max.toFixed(0)} ms`,
    );
  }
  await injection.write(20);
}

/** What is open when there is another revision is told so, with where it is, and goes on there. */
async function deployRevisions(injection: Injection): Promise<void> {
  const host = hostOf(injection, WebFunction);
  await deploy(injection, () => host.replace());
}

/** The same of tasks, whose streams are not ended in one moment. */
async function deployTasks(injection: Injection): Promise<void> {
  const host = hostOf(injection, ContainerService);
  // A load balancer waits for as long as streams last, and then none is left.
  host.faults = { drainSeconds: 0 };
  await deploy(injection, () => host.deploy());
  const times = streamsOf(injection).map(({ ends }) => ends[0]?.at ?? Number.NaN);
  const spreadMs = Math.max(...times) - Math.min(...times);
  // Of the time over which they are spread, half: each task has some, and the first of each ends at once.
  const leastMs = ((stopSeconds - 10) / 2) * 1000;
  if (!(spreadMs >= leastMs)) injection.failures.push(`streams were ended within ${spreadMs.toFixed(0)} ms`);
}

/** Tasks that are to go keep the streams that they have, which end when they would have ended. */
async function deployPatiently(injection: Injection): Promise<void> {
  const host = hostOf(injection, ContainerService);
  for (let time = 1; time <= newRevisions; time += 1) {
    await injection.established();
    await Promise.all([injection.write(20), host.deploy()]);
    injection.inject();
  }
  await injection.write(20);
  for (const { ends, user } of streamsOf(injection))
    for (const { reason } of ends)
      if (reason !== 'session_length')
        injection.failures.push(`a stream of ${user.sub} ended with ${reason}`);
}

/** Replaces all processes of a host, some times. */
async function deploy(injection: Injection, replace: () => Promise<void>): Promise<void> {
  for (let revision = 1; revision <= newRevisions; revision += 1) {
    await injection.settled();
    await Promise.all([injection.write(20), replace()]);
    injection.inject();
    await expectEnds(injection, revision);
  }
  await injection.write(20);
  for (const { ends, user } of streamsOf(injection)) {
    if (ends.length > newRevisions) injection.failures.push(`${user.sub} was ended ${ends.length} times`);
    for (const { reason } of ends)
      if (reason !== 'deploy') injection.failures.push(`a stream of ${user.sub} ended with ${reason}`);
  }
}

/** The service takes fewer requests to an environment than were asked for: there are more environments. */
async function takeFew(injection: Injection): Promise<void> {
  const host = hostOf(injection, WebFunction);
  host.faults = { mostRequests: 3 };
  for (const { source } of streamsOf(injection)) {
    source.cut();
    injection.inject();
  }
  await injection.established();
  await injection.writeInWaves(40, 4);
  if (host.pids.length < 3) injection.failures.push(`there are ${host.pids.length} environments`);
}

/** Clients leave, and their streams are told nothing of it: they end by what ends a stream of a dead client. */
async function hideLeaving(injection: Injection): Promise<void> {
  sharedHostOf(injection).faults = { hidesLeaving: true };
  for (let round = 0; round < 4; round += 1) {
    for (const { source } of streamsOf(injection)) {
      source.cut();
      injection.inject();
    }
    await injection.established();
    await injection.write(10);
  }
}

/** The platform ends requests before the process knows that it must: without a word, and the client goes on where it was. */
async function timeOut(injection: Injection): Promise<void> {
  const { timeoutSeconds } = hostOf(injection, WebFunction).settings;
  for (let time = 1; time <= 3; time += 1) {
    await injection.settled();
    await Promise.all([injection.write(20), expectEnds(injection, time, timeoutSeconds * 1000)]);
  }
  for (const { ends } of streamsOf(injection)) injection.injected += ends.length;
}

/** A process has more memory in use than it should: it hands its oldest streams over, one at a time as they are few here. */
async function outgrowMemory(injection: Injection): Promise<void> {
  await injection.settled();
  const streams = streamsOf(injection);
  const wasEnded = (): boolean => streams.some(({ ends }) => ends.length > 0);
  const [isHandedOver] = await Promise.all([
    Promise.race(streams.map((replica) => injection.until(replica, wasEnded, handedOverMs))),
    injection.write(20),
  ]);
  if (!isHandedOver) injection.failures.push('no stream was handed over');
  await injection.write(20);
  for (const { ends, user } of streams) {
    injection.injected += ends.length;
    for (const { reason, saidAt } of ends)
      if (reason !== 'deploy' || saidAt === undefined)
        injection.failures.push(`a stream of ${user.sub} ended with ${reason}`);
  }
}

/** Waits until each client's stream was ended so many times. */
async function expectEnds(injection: Injection, times: number, boundMs = 0): Promise<void> {
  await Promise.all(
    streamsOf(injection).map(async (replica) => {
      if (await injection.until(replica, () => replica.ends.length >= times, boundMs)) return;
      injection.failures.push(`${replica.user.sub} was ended ${replica.ends.length} times and not ${times}`);
    }),
  );
}
