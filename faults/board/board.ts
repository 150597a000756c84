import { paths } from '../../protocol/routes.ts';
import { randomUUID } from 'node:crypto';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Task } from '../../protocol/task.ts';
import { callApi } from '../writes/api.ts';
import { askItemsToEnd } from '../stack/ask-to-end.ts';
import { Ledger } from '../judge/ledger.ts';
import type { Verdict } from '../judge/oracle.ts';
import { judge, judgeGone } from '../judge/oracle.ts';
import type { Random } from '../random.ts';
import type { ReplicaOptions } from './replica.ts';
import { Replica } from './replica.ts';
import type { FaultStack } from '../stack/stack.ts';
import type { User } from '../judge/visibility.ts';
import { Writer } from '../writes/writer.ts';

/** How a client differs from the usual one. */
export type ClientOptions = Partial<Omit<ReplicaOptions, 'origin' | 'random'>>;

/** A user whose name holds what keys, paths and policies would have to encode. */
export const oddUser = 'carol#/"%2F\\*';

/** The users of each board, the writers too. */
const users: readonly User[] = [
  { sub: 'alice', admin: false },
  { sub: 'bob', admin: false },
  { sub: oddUser, admin: false },
  { sub: 'dave', admin: true },
];

/** A user as one who asks for tasks of some statuses alone. */
export const filtering: User = { sub: 'bob', admin: false, statuses: ['in_progress', 'done', 'archived'] };

/** How some of the second clients differ: one asks for a part of the tasks, and one follows over the WebSocket. */
const differing: Readonly<Record<string, ClientOptions>> = {
  [filtering.sub]: { user: filtering },
  [oddUser]: { transport: 'socket' },
};

/** A user without a client at the beginning. */
const guest: User = { sub: 'erin', admin: false };

function userOf(sub: string): User {
  return [...users, guest].find((user) => user.sub === sub)!;
}

/** How long a first frame or the last event may take before it counts as never coming. Milliseconds. */
const patienceMs = 60_000;

/** As long as a soak may last, which goes on with the tokens of its beginning. */
const tokenSeconds = 7 * 24 * 3600;
/** As of users who have been there for a while: to a clock that is behind, a token of this moment is of the future. */
const firstTokenAgeSeconds = 180;

/** The name of the last task of each board. */
export const lastTask = 'the end';

/** Clients that are judged by themselves, by the tasks as they are in the table. */
export interface Judged {
  judge(table: ReadonlyMap<number, Task>): Promise<Verdict>;
}

/** A workspace with its users, its clients and its writers. */
export class Board {
  readonly workspace: string;
  readonly ledger = new Ledger();
  readonly writer: Writer;
  readonly replicas: Replica[] = [];
  /** Items of the table that are no readable tasks: nobody may see them. */
  readonly unreadable = new Set<number>();
  /** Clients that have left before the end. */
  readonly #gone: Replica[] = [];
  readonly #stack: FaultStack;
  readonly #random: Random;
  readonly #tokens = new Map<string, string>();

  private constructor(stack: FaultStack, workspace: string, random: Random) {
    this.#stack = stack;
    this.workspace = workspace;
    this.#random = random;
    this.writer = new Writer({
      origin: stack.local.url,
      workspace,
      table: stack.tasks,
      database: stack.database,
      ledger: this.ledger,
      random: random.fork('writer'),
      users,
      tokenOf: (sub) => this.token(sub),
    });
  }

  /**
   * Opens a board with two clients of each user, or some more: one half stay, the others cut their streams again and
   * again.
   * @param one how the first half are.
   * @param other how the other half are.
   * @param pairs how often two clients of each user.
   * @throws {Error} when a client gets no first frame.
   */
  static async open(
    stack: FaultStack,
    workspace: string,
    random: Random,
    one: ClientOptions = {},
    other: ClientOptions = { cutAfter: [2, 20] },
    pairs = 1,
  ): Promise<Board> {
    const board = new Board(stack, workspace, random);
    await board.signIn(firstTokenAgeSeconds);
    for (let pair = 0; pair < pairs; pair += 1) {
      for (const { sub } of users) {
        board.join(sub, one);
        board.join(sub, { ...other, ...differing[sub] });
      }
      await board.established();
    }
    return board;
  }

  /** Gets a new token for each user, issued so long ago; clients and writes use it from now on. */
  async signIn(ageSeconds = 0): Promise<void> {
    for (const { sub } of [...users, guest]) {
      this.#tokens.set(sub, await this.sign(sub, tokenSeconds, userOf(sub), ageSeconds));
    }
  }

  /** Another token of a user, for so many seconds, and with other rights than usual. */
  sign(sub: string, expiresIn = tokenSeconds, { admin } = userOf(sub), ageSeconds = 0): Promise<string> {
    // Two tokens of the same second would be one and the same without it.
    const claims = { jti: randomUUID() };
    const issuedAt = Math.floor(Date.now() / 1000) - ageSeconds;
    return this.#stack.sign({ sub, admin, workspace: this.workspace, expiresIn }, { claims, issuedAt });
  }

  /** Opens one more client of a user, who may be `more.user` with rights of its own. */
  join(sub: string, more: ClientOptions = {}): Replica {
    const replica = new Replica({
      origin: this.#stack.local.url,
      user: userOf(sub),
      token: this.token(sub),
      random: this.#random.fork(`client ${this.replicas.length}`),
      ...more,
    });
    this.replicas.push(replica);
    return replica;
  }

  /** Opens one more client of a user, which begins with the tasks as they are and goes on from there. */
  async joinLate(sub: string, more: ClientOptions = {}): Promise<Replica> {
    const { body } = await callApi(this.#stack.local.url, more.token ?? this.token(sub), 'GET', paths.tasks);
    return this.join(sub, { ...more, begin: body });
  }

  /** Closes clients that have no right to hear anything more: of them only what they heard until now is judged. */
  dismiss(replicas: readonly Replica[]): void {
    for (const replica of replicas) {
      replica.close();
      this.#gone.push(replica);
      this.replicas.splice(this.replicas.indexOf(replica), 1);
    }
  }

  /** The token of a user. */
  token(sub: string): string {
    return this.#tokens.get(sub)!;
  }

  /** Resolves when each client has its first frame. */
  async established(): Promise<void> {
    const opened = await Promise.all(this.replicas.map((replica) => replica.established(patienceMs)));
    const missing = this.replicas.filter((_, index) => opened[index] === false);
    if (missing.length === 0) return;
    const which = missing.map(
      ({ user, transport, source: { connections, finalStatus } }) =>
        `${user.sub} by ${transport}: ${connections} connections, final status ${finalStatus}`,
    );
    throw new Error(`clients of ${this.workspace} got no first frame: ${which.join('; ')}`);
  }

  /** Writes a last task that everybody sees, and gives each client time to hear of it. */
  async settle(): Promise<void> {
    for (const replica of this.replicas) replica.steady();
    await this.writer.reconcile();
    const id = await this.writer.createVisible(lastTask);
    const waiting = this.replicas.filter(({ source }) => source.isAlive);
    await Promise.all(waiting.map((replica) => replica.until(() => replica.tasks.has(id), patienceMs)));
  }

  /** Forgets the writes so far and what clients heard of them; the next are judged from here on. */
  restart(): void {
    this.ledger.restart();
    this.writer.restart();
    for (const replica of this.replicas) replica.restart();
  }

  /** Judges each client, and crowds as a whole. */
  async judge(crowds: readonly Judged[] = []): Promise<Verdict[]> {
    const items = await this.#stack.tasks.read(this.workspace);
    for (const id of this.unreadable) items.delete(id);
    this.#compareWithLedger(items);
    const own = this.replicas.map((replica) => judge(replica, this.ledger, items));
    const gone = this.#gone.map((replica) => judgeGone(replica, this.ledger, items));
    return [...own, ...gone, ...(await Promise.all(crowds.map((crowd) => crowd.judge(items))))];
  }

  /** Ends all clients, and the sessions that they have left behind, which would go on polling. */
  async close(): Promise<void> {
    for (const replica of this.replicas) replica.close();
    const TableName = this.#stack.table('connections');
    const pages = paginateQuery(
      { client: this.#stack.database },
      {
        TableName,
        KeyConditionExpression: 'workspace = :workspace',
        ExpressionAttributeValues: { ':workspace': this.workspace },
        ConsistentRead: true,
      },
    );
    for await (const { Items: items = [] } of pages) await askItemsToEnd(this.#stack, items);
  }

  /** What the rest is computed from must itself be right. */
  #compareWithLedger(table: ReadonlyMap<number, Task>): void {
    const noted = new Map(this.ledger.tasks.map((task) => [task.id, task]));
    for (const id of new Set([...table.keys(), ...noted.keys()])) {
      const [there, here] = [table.get(id), noted.get(id)].map(
        (task) => task && `${task.version} ${task.name}`,
      );
      if (there !== here) {
        throw new Error(
          `task ${id} of ${this.workspace} is "${there}" in the table and "${here}" in the ledger`,
        );
      }
    }
  }
}
