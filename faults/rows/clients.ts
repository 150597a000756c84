import { setTimeout as wait } from 'node:timers/promises';
import type { Row } from '../row.ts';

/** Faults of the clients and of the way to them. */
export const clientRows: readonly Row[] = [
  {
    name: 'clients cut at random',
    run: async (injection) => {
      const { boards } = injection;
      for (const board of boards) {
        for (const sub of ['alice', 'bob', 'dave']) board.join(sub, [1, 4]);
        await board.established();
      }
      await injection.write(100);
      for (const { cuts } of boards.flatMap(({ replicas }) => replicas)) injection.injected += cuts;
    },
  },
  {
    name: 'stream function killed',
    run: async (injection) => {
      const rounds = injection.scale === 'full' ? 6 : 2;
      // A process that dies before the first byte makes Lambda answer 502, after which no browser comes back: so the
      // clients are connected when it dies.
      for (const { replicas } of injection.boards) for (const replica of replicas) replica.steady();
      for (let round = 0; round < rounds; round += 1) {
        await Promise.all(injection.boards.map((board) => board.established()));
        const writing = injection.write(30);
        await wait(injection.random.integer(20, 120));
        await injection.stack.crash('stream');
        injection.inject();
        await writing;
      }
    },
  },
];
