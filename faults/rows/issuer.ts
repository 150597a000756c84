import { paths } from '../../protocol/routes.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { callApi } from '../writes/api.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { streamsOf } from './transports.ts';

/** How long clients may take to hear that there is trouble. Milliseconds. */
const patienceMs = 60_000;

/** Faults of the issuer of tokens. */
export const issuerRows: readonly Row[] = [
  { name: 'issuer unreachable', run: loseIssuer },
  {
    name: 'keys rolled',
    run: async (injection) => {
      await injection.write(20);
      await injection.stack.local.issuer.rollKeys();
      injection.inject();
      for (const board of injection.boards) {
        // With tokens of the new key, next to clients with tokens of the old one.
        await board.signIn();
        for (const sub of ['alice', 'dave']) await board.joinLate(sub);
        await board.established();
      }
      await injection.write(20);
      await refuseBadToken(injection);
    },
  },
];

/**
 * A function that has the keys goes on with them; one that starts without them tells its clients to come back, and they
 * do when there are keys again. A bad token is refused at once by the one that has them.
 */
async function loseIssuer(injection: Injection): Promise<void> {
  const { boards, stack } = injection;
  const { issuer } = stack.local;
  try {
    issuer.setReachable(false);
    injection.inject();
    for (const board of boards) board.join('bob', { cutAfter: [3, 9] });
    await injection.established();
    await injection.write(20);
    await refuseBadToken(injection);

    await injection.crashStreams();
    injection.inject();
    const troubled = await Promise.all(streamsOf(injection).map(({ source }) => hasTrouble(source.ends)));
    if (troubled.includes(false))
      injection.failures.push('a client was not told of trouble, without any keys');
    await injection.write(10);
  } finally {
    issuer.setReachable(true);
  }
  await injection.established();
  await injection.write(20);
}

async function hasTrouble(ends: readonly { readonly reason: string | undefined }[]): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    if (ends.some(({ reason }) => reason === 'trouble')) return true;
    await wait(50);
  }
  return false;
}

/** A token whose signature is wrong, of a key that is known. */
async function refuseBadToken({ boards, stack, failures }: Injection): Promise<void> {
  for (const board of boards) {
    const [header, claims] = board.token('alice').split('.');
    const bad = [header, claims, Buffer.alloc(64, 7).toString('base64url')].join('.');
    for (const path of [paths.tasks, paths.stream]) {
      const { status } = await callApi(stack.local.url, bad, 'GET', path);
      if (status !== 401) failures.push(`a bad token at ${path} was answered ${status}`);
    }
  }
}
