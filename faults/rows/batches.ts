import type { Row } from '../row.ts';

/** Faults of the way from the tasks table's stream to the fan-out. */
export const batchRows: readonly Row[] = [
  {
    name: 'duplicate batches',
    run: async (injection) => {
      injection.seams.delivery = async (records, deliver) => {
        // As after an answer that was lost on the way: done, and not known to be done.
        await deliver(records);
        injection.inject();
        if (injection.random.chance(0.3)) await deliver(records);
        return deliver(records);
      };
      await injection.write(80);
    },
  },
];
