import type { StreamRecord } from '../../local/data/pump/stream-record.ts';
import type { Random } from '../random.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { itemOfRecord, workspaceOfRecord } from '../stack/workspaces.ts';
import { Gate } from './gate.ts';

/** What a fault may deliver once more, records. */
const mostRemembered = 30;

/** Faults of the way from the stream of the tasks table to the fan-out. */
export const batchRows: readonly Row[] = [
  {
    name: 'duplicate batches',
    arm: (injection) => {
      injection.seams.delivery = async (records, deliver) => {
        // As after an answer that was lost on the way: done, and not known to be done.
        await deliver(records);
        injection.inject();
        if (injection.random.chance(0.3)) await deliver(records);
        return deliver(records);
      };
    },
  },
  { name: 'other batch boundaries', arm: deliverInPieces },
  {
    name: 'reordered workspaces',
    run: async (injection) => {
      injection.seams.delivery = async (records, deliver) => {
        const groups = [...Map.groupBy(records, workspaceOfRecord).values()];
        if (groups.length > 1) injection.inject();
        for (const group of injection.random.shuffle(groups)) await deliver(group);
      };
      await writeTogether(injection, 80);
    },
  },
  {
    name: 'reordered items of a workspace',
    run: async (injection) => {
      let held: readonly StreamRecord[] = [];
      injection.seams.delivery = async (records, deliver) => {
        const shuffled = shuffleItems([...held, ...records], injection.random);
        injection.inject();
        // What is left for the next batch is of items that do not come before it.
        const cut = injection.random.integer(1, shuffled.length);
        await deliver(shuffled.slice(0, cut));
        held = shuffled.slice(cut);
      };
      await writeTogether(injection, 80);
      await injection.stack.local.pump.drained();
      const { process } = injection.stack.function('fanout');
      if (held.length > 0) await process.invokeBuffered({ Records: held });
    },
  },
  { name: 'partial failures at every index', run: failAtEveryIndex },
  { name: 'two fan-outs at once', arm: fanOutTwice },
];

/** Two processes get each batch at once, one of them with the end of the batch before it. */
export function fanOutTwice(injection: Injection): void {
  const second = injection.stack.secondProcess('fanout');
  let previous: readonly StreamRecord[] = [];
  injection.seams.delivery = async (records, deliver) => {
    const other = [...previous, ...records];
    previous = records.slice(-mostRemembered);
    injection.inject();
    const [result] = await Promise.all([deliver(records), second.invokeBuffered({ Records: other })]);
    return result;
  };
}

/** Delivers pieces with other boundaries, which reach back into earlier ones; fails in the middle now and then. */
function deliverInPieces(injection: Injection): void {
  const { random } = injection;
  let earlier: StreamRecord[] = [];
  injection.seams.delivery = async (records, deliver) => {
    injection.inject();
    for (let from = 0; from < records.length;) {
      const to = Math.min(records.length, from + random.integer(1, 12));
      const known = [...earlier, ...records.slice(0, from)];
      const back = random.integer(0, Math.min(known.length, mostRemembered));
      await deliver([...known.slice(known.length - back), ...records.slice(from, to)]);
      if (random.chance(0.15)) throw new Error('the answer was lost: the mapping splits the batch');
      from = to;
    }
    earlier = [...earlier, ...records].slice(-mostRemembered);
    return undefined;
  };
}

/** The batch is delivered and fails at its second record, and so on with what is left: each index fails once. */
async function failAtEveryIndex(injection: Injection): Promise<void> {
  const { random } = injection;
  const gate = new Gate();
  injection.seams.delivery = async (records, deliver) => {
    await gate.pass();
    const [, second] = records;
    if (second === undefined) return deliver(records);
    injection.inject();
    await deliver(random.chance(0.5) ? records : records.slice(0, 1));
    return { batchItemFailures: [{ itemIdentifier: second.dynamodb.SequenceNumber }] };
  };
  await injection.write(40);
  gate.open();
  await injection.stack.local.pump.drained();
}

/** Writes while the delivery waits, so that a batch holds records of all boards. */
async function writeTogether(injection: Injection, attempts: number): Promise<void> {
  const { seams } = injection;
  const fault = seams.delivery!;
  const rounds = 4;
  for (let round = 0; round < rounds; round += 1) {
    const gate = new Gate();
    seams.delivery = async (records, deliver) => {
      await gate.pass();
      return fault(records, deliver);
    };
    await injection.write(Math.ceil(attempts / rounds));
    gate.open();
    await injection.stack.local.pump.drained();
  }
}

/** Another order, in which the records of each item keep theirs: no more is promised. */
function shuffleItems(records: readonly StreamRecord[], random: Random): StreamRecord[] {
  const queues = Map.groupBy(records, itemOfRecord);
  return random.shuffle(records.map(itemOfRecord)).map((item) => queues.get(item)!.shift()!);
}
