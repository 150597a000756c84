import type { WebFunction } from '../../local/web-functions/web-function.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { streamsOf } from './transports.ts';

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
  {
    name: 'an environment goes with all its streams',
    host: 'web-function',
    profile: 'load',
    run: loseEnvironment,
  },
  { name: 'a new revision', host: 'web-function', profile: 'shared host', run: deployRevisions },
  { name: 'fewer places than asked for', host: 'web-function', profile: 'shared host', run: takeFew },
  { name: 'leaving that is not told', host: 'web-function', profile: 'shared host', run: hideLeaving },
  { name: 'memory above its mark', host: 'web-function', profile: 'little memory', run: outgrowMemory },
  { name: 'time-out of the request', host: 'web-function', profile: 'short requests', run: timeOut },
];

function hostOf({ stack }: Injection): WebFunction {
  const { webFunction } = stack.local;
  if (webFunction === undefined) throw new Error('the template has no Web Function');
  return webFunction;
}

/** A process dies without a word, with as many streams as it may have: all are back, and nothing is missing. */
async function loseEnvironment(injection: Injection): Promise<void> {
  const host = hostOf(injection);
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
  const host = hostOf(injection);
  for (let revision = 1; revision <= newRevisions; revision += 1) {
    await injection.settled();
    await Promise.all([injection.write(20), host.replace()]);
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
  const host = hostOf(injection);
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
  hostOf(injection).faults = { hidesLeaving: true };
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
  const { timeoutSeconds } = hostOf(injection).settings;
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
