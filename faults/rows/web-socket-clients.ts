import { setTimeout as wait } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { paths } from '../../protocol/routes.ts';
import type { Board } from '../board/board.ts';
import { filtering } from '../board/board.ts';
import type { Replica } from '../board/replica.ts';
import { expectGone, forcedEndMs, openConnections } from '../judge/ends.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { callApi } from '../writes/api.ts';
import { filterOf } from '../judge/visibility.ts';
import { floodPastBuffers } from './flood.ts';
import { passMark } from './mark.ts';
import { isPush } from './web-sockets.ts';

const sockets = [{ transport: 'socket' }, {}] as const;

/** How many more clients of each board come back at once. */
const burst = { short: 10, full: 60 } as const;

/** What an event may take while some of its subscribers read nothing. Milliseconds. */
const stalledBoundMs = 1500;

/** Faults of the clients of WebSockets and of their connections. */
export const webSocketClientRows: readonly Row[] = [
  { name: 'WebSockets cut all at once', clients: [...sockets], run: cutAll },
  { name: 'functions of the WebSocket killed', clients: [...sockets], run: killFunctions },
  { name: 'WebSocket that reads nothing', clients: [...sockets], run: readNothing },
  { name: '$disconnect never comes', clients: [...sockets], run: dropDisconnects },
  { name: 'both transports tell the same', clients: [...sockets], run: compareTransports },
];

/** Many come back at the same moment, while changes are written: each from where it was. */
async function cutAll(injection: Injection): Promise<void> {
  const { boards, random, scale } = injection;
  for (const board of boards) {
    for (let count = 0; count < burst[scale]; count += 1)
      board.join(random.pick(['alice', 'bob', 'dave']), { transport: 'socket' });
  }
  await injection.established();
  for (let round = 0; round < 2; round += 1) {
    const cut = async (): Promise<void> => {
      await wait(random.integer(50, 300));
      for (const { source, transport } of boards.flatMap(({ replicas }) => replicas)) {
        if (transport !== 'socket') continue;
        source.cut();
        injection.inject();
      }
      await injection.established();
    };
    await Promise.all([injection.write(24), cut()]);
  }
}

/** Connections stay where they are when a process dies: what it was doing for them is asked for again. */
async function killFunctions(injection: Injection): Promise<void> {
  const { random, scale, stack } = injection;
  const rounds = scale === 'full' ? 8 : 3;
  for (let round = 0; round < rounds; round += 1) {
    const kill = async (name: string): Promise<void> => {
      await wait(random.integer(20, 400));
      await stack.crash(name);
      injection.inject();
    };
    await Promise.all([injection.writeInWaves(20, 4), kill('websocket'), kill('push')]);
  }
}

/** API Gateway keeps a little for a client that does not read, and then refuses: the others do not wait for it. */
async function readNothing(injection: Injection): Promise<void> {
  const [board] = injection.boards as readonly [Board, Board];
  const victims = board.replicas.filter(
    ({ user, transport }) => user.sub === 'alice' && transport === 'socket',
  );
  for (const { source } of victims) {
    source.freeze();
    injection.inject();
  }
  await floodPastBuffers(injection, 'alice');
  const others = board.replicas.filter(
    (replica) => !victims.includes(replica) && replica.user.sub !== 'alice',
  );
  for (let round = 0; round < 5; round += 1) {
    const id = await board.writer.createVisible(`beside it ${round}`);
    const accepted = Date.now();
    await Promise.all(
      others.map(async (replica) => {
        const isThere = await injection.until(replica, () => replica.tasks.has(id), stalledBoundMs);
        injection.medians.note(
          `an event over a ${replica.transport}`,
          { most: stalledBoundMs },
          Date.now() - accepted,
        );
        if (!isThere) injection.pastBound.push(`task ${id} did not come to ${replica.user.sub}`);
      }),
    );
  }
  for (const { source } of victims) source.thaw();
  await injection.write(8);
}

/** Clients leave, and nobody says so: the next push finds out, and their items go. */
async function dropDisconnects(injection: Injection): Promise<void> {
  const { boards, seams, failures } = injection;
  const gone = boards.map((board) => ({
    board,
    replicas: ['alice', 'bob', 'dave'].map((sub) => board.join(sub, { transport: 'socket' })),
  }));
  await injection.established();
  const ids = gone.flatMap(({ replicas }) => replicas.map(({ connectionId }) => connectionId));
  const open = (await Promise.all(boards.map((board) => openConnections(injection, board)))).flat();
  const names = open.flatMap(({ id, socket }) => (ids.includes(id) && socket !== undefined ? [socket] : []));
  if (names.length !== ids.length) failures.push('some of the connections are not known as WebSockets');
  seams.awsCall = ({ functionName, input }) => {
    const text = JSON.stringify(input);
    if (functionName !== 'websocket' || !names.some((name) => text.includes(`#socket#${name}"`)))
      return undefined;
    injection.inject();
    return { kind: 'throttle' };
  };
  for (const { board, replicas } of gone) board.dismiss(replicas);
  await Promise.all([injection.write(24), expectGone(injection, ids, forcedEndMs)]);
  const left = await itemsNaming(injection, names);
  if (left > 0) failures.push(`${left} items of sockets that are gone are left`);
}

/** How many items of the connections table name one of these sockets. */
async function itemsNaming({ stack }: Injection, names: readonly string[]): Promise<number> {
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({ TableName: stack.table('connections'), ConsistentRead: true }),
  );
  return items.filter((item) => names.some((name) => JSON.stringify(item).includes(name))).length;
}

/** A user with a client of either kind, which begin at the same place: both hear the same, id by id. */
async function compareTransports(injection: Injection): Promise<void> {
  const { boards, random, seams, stack, failures, notes } = injection;
  await injection.write(16);
  const pairs: (readonly [Replica, Replica])[] = [];
  for (const board of boards) {
    for (const sub of ['alice', 'bob', 'dave']) {
      // One of the three asks for a part of the tasks.
      const more = sub === filtering.sub ? { user: filtering } : {};
      const path = `${paths.tasks}?${filterOf(more.user ?? { sub, admin: false })}`;
      const { body: begin } = await callApi(stack.local.url, board.token(sub), 'GET', path);
      pairs.push([
        board.join(sub, { ...more, begin }),
        board.join(sub, { ...more, begin, transport: 'socket' }),
      ]);
    }
  }
  await injection.established();
  seams.socketCall = (call) => {
    if (!isPush(call) || !random.chance(0.3)) return undefined;
    injection.inject();
    return random.chance(0.5) ? { kind: 'lose' } : { kind: 'delay', milliseconds: random.integer(20, 500) };
  };
  await injection.writeInWaves(64, 8);
  seams.heal();
  await passMark(injection, 'the last to be compared');
  let compared = 0;
  for (const [stream, socket] of pairs) {
    const [left, right] = [heardBy(stream), heardBy(socket)];
    compared += left.length;
    const at = left.findIndex((event, index) => event !== right[index]);
    if (at === -1 && left.length === right.length) continue;
    const { sub } = stream.user;
    failures.push(`event ${at} of ${sub} is ${left[at]} on a stream and ${right[at]} on a WebSocket`);
  }
  notes.push(`${compared} events of ${pairs.length} users, the same on a stream and on a WebSocket`);
}

function heardBy({ heard }: Replica): string[] {
  return heard.flatMap((one) => (one.kind === 'event' ? [`${one.type} ${one.taskId} ${one.id}`] : []));
}
