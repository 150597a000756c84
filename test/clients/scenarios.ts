import fc from 'fast-check';
import type { TestStack } from '../end-to-end/stack.ts';
import { startCompressingProxy } from './compressing-proxy.ts';
import type { Guest } from './party.ts';
import { Party } from './party.ts';
import { Writer } from './writer.ts';

/** What all clients must do; a column of the table in docs/CLIENTS.md. */
export interface Scenario {
  readonly name: string;
  /** Whether the sessions of its stack are short. */
  readonly hasShortSessions?: boolean;
  /** Runs all clients, and gives what was wrong, by the client's name. */
  readonly run: (stack: TestStack) => Promise<ReadonlyMap<string, string[]>>;
}

const cutsOfAClient = 25;
const longestCutBytes = 1500;
const sessions = 3;

/** @param onConnected hears of the clients of the first scenario, once they are connected. */
export function scenariosOf(onConnected: (party: Party) => void): readonly Scenario[] {
  return [
    {
      name: 'events',
      run: async (stack) => {
        const writer = await Writer.start(stack, 'events');
        const party = await Party.start(stack, 'events');
        await party.connected();
        onConnected(party);
        for (let round = 0; round < 3; round += 1) await writer.writeRound();
        await writer.writeLong();
        await party.judge(await writer.due());
        return finish(party);
      },
    },
    {
      name: 'cut at random bytes',
      // What runs on behind a cut is over soon.
      hasShortSessions: true,
      run: async (stack) => {
        const writer = await Writer.start(stack, 'cut');
        const party = await Party.start(stack, 'cut', { cutAfter });
        await party.connected();
        for (let round = 0; round < 8; round += 1) await writer.writeRound();
        await party.judge(await writer.due());
        for (const guest of party.guests) {
          if (guest.proxy.cuts < 5) party.note(guest, `only ${guest.proxy.cuts} cuts`);
        }
        return finish(party);
      },
    },
    {
      name: 'session end',
      hasShortSessions: true,
      run: async (stack) => {
        const writer = await Writer.start(stack, 'sessions');
        const party = await Party.start(stack, 'sessions');
        await party.connected();
        let isOver = false;
        const writing = writer.writeUntil(() => isOver);
        await party.all('comes back', ({ proxy }) => proxy.passed.length >= sessions);
        isOver = true;
        await writing;
        await party.judge(await writer.due());
        return finish(party);
      },
    },
    {
      name: 'terminal end',
      run: async (stack) => {
        const party = await Party.start(stack, 'terminal');
        await party.connected();
        const ending = party.guests.map((guest) => endStreams(stack, guest));
        await party.all('stops', ({ driven }) => driven.stopped !== undefined);
        for (const guest of party.guests) {
          const ends = guest.driven.messages.filter(({ event }) => event === 'end');
          if (!ends.at(-1)?.data.includes('"reconnect":false')) party.note(guest, 'no terminal end');
          const statuses = guest.proxy.passed.map(({ status }) => status);
          if (statuses.indexOf(204) !== statuses.length - 1) party.note(guest, `answers: ${statuses.join()}`);
        }
        await finish(party);
        // What still waited for a client ends with it.
        await Promise.allSettled(ending);
        return party.problems;
      },
    },
    {
      name: 'refused token',
      run: async (stack) => {
        const token = stack.local.issuer.sign({ sub: 'late', workspace: 'refused', expiresIn: -60 });
        const party = await Party.start(stack, 'refused', { token });
        await party.all('stops', ({ driven }) => driven.stopped !== undefined);
        for (const guest of party.guests) {
          const statuses = guest.proxy.passed.map(({ status }) => status);
          if (String(statuses) !== '401') party.note(guest, `answers: ${statuses.join()}`);
        }
        return finish(party);
      },
    },
    {
      name: 'compressing proxy',
      run: async (stack) => {
        const proxy = await startCompressingProxy(stack.local.url);
        const writer = await Writer.start(stack, 'compressed');
        const party = await Party.start(stack, 'compressed', { origin: proxy.url });
        // Before anything else is: the first frame comes at once, and not with the next ones or with the end.
        await party.connected();
        await writer.writeRound();
        await party.judge(await writer.due());
        const problems = await finish(party);
        await proxy.close();
        return problems;
      },
    },
  ];
}

async function finish(party: Party): Promise<ReadonlyMap<string, string[]>> {
  await party.close();
  return party.problems;
}

/** The same cuts in each run: a change is to be judged, and not the luck of a run. */
function cutAfter(index: number): number[] {
  return fc.sample(fc.integer({ min: 0, max: longestCutBytes }), { seed: index, numRuns: cutsOfAClient });
}

/** Ends the streams of a client, each new one too, until it stops. */
async function endStreams(stack: TestStack, { driven }: Guest): Promise<void> {
  const asked = new Set<string>();
  const running = (): string[] =>
    driven.unnamed
      .map(({ data }) => (JSON.parse(data) as { connectionId: string }).connectionId)
      .filter((id) => !asked.has(id));
  for (;;) {
    await driven.until(() => driven.stopped !== undefined || running().length > 0);
    if (driven.stopped !== undefined) return;
    for (const id of running()) {
      asked.add(id);
      await stack.request({ sub: 'reader', workspace: 'terminal' }, 'DELETE', `/sse/connections/${id}`);
    }
  }
}
