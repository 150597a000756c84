import { startPartner } from '../../bench/conversation.ts';
import type { StartedPartner } from '../../bench/conversation.ts';
import type { Task } from '../../protocol/task.ts';
import type { Board } from '../board/board.ts';
import { lastTask } from '../board/board.ts';
import type { Verdict } from '../judge/oracle.ts';
import { judge } from '../judge/oracle.ts';
import type { FaultStack } from '../stack/stack.ts';
import type { User } from '../judge/visibility.ts';
import type { CrowdReport, DueTimes, Members, OpenPlan, Times } from './messages.ts';

/** Users of a crowd: each member with one of its own, or all of them with one. */
export interface CrowdPart {
  readonly sub: string;
  readonly count: number;
  readonly sharesUser?: boolean;
}

/** A thousand clients of a board and more, in a process of their own. They begin with an empty board. */
export class Crowd {
  readonly #board: Board;
  readonly #users: readonly User[];
  readonly #process: StartedPartner;

  private constructor(board: Board, users: readonly User[]) {
    this.#board = board;
    this.#users = users;
    this.#process = startPartner(new URL('process.ts', import.meta.url));
  }

  /** Opens the parts one after the other; resolves when each member has its first frame. */
  static async open(stack: FaultStack, board: Board, parts: readonly CrowdPart[]): Promise<Crowd> {
    const users = parts.flatMap(({ sub, count, sharesUser = false }) =>
      Array.from({ length: count }, (_, index) => ({
        sub: sharesUser ? sub : `${sub}-${index}`,
        admin: false,
      })),
    );
    const { url: origin } = stack.local;
    const { workspace } = board;
    const tokens = await Promise.all(users.map(({ sub }) => stack.sign({ sub, workspace, expiresIn: 3600 })));
    const crowd = new Crowd(board, users);
    const partOfEach = parts.flatMap(({ sub, count }) => Array.from({ length: count }, () => sub));
    await crowd.#ask('open', { origin, tokens, parts: partOfEach } satisfies OpenPlan);
    return crowd;
  }

  /** Members of the crowd that have stopped read again. */
  thaw(members: Members): Promise<void> {
    return this.#ask('thaw', members);
  }

  /** They break off, and stay away. */
  leave(members: Members): Promise<void> {
    return this.#ask('leave', members);
  }

  /** They come back from where they were, and stop reading at the first frame, without a word. */
  returnStalled(members: Members): Promise<void> {
    return this.#ask('return stalled', members);
  }

  /** All are cut at once and come back at once. @returns what it took until the first frame of each */
  storm(members: Members): Promise<Times> {
    return this.#ask('storm', members);
  }

  /**
   * All are broken off by somebody else.
   * @param breakOff does it.
   * @returns what it took from then until the first frame of each.
   */
  async breakOff(breakOff: () => Promise<unknown>): Promise<Times> {
    await this.#ask('mark', undefined);
    await breakOff();
    return this.#ask('back', undefined);
  }

  /** Resolves when all that read have heard of a task. */
  heard(name: string): Promise<void> {
    return this.#ask('heard', name);
  }

  /** Resolves when each of some members has heard so many events. */
  heardAll(events: number, members: Members): Promise<void> {
    return this.#ask('heard all', { events, members });
  }

  /** How long after they were due the events of some tasks arrived, over all members. */
  latency(due: DueTimes): Promise<Times> {
    return this.#ask('latency', due);
  }

  /** Waits for the last task of the board, and judges all members. */
  async judge(table: ReadonlyMap<number, Task>): Promise<Verdict> {
    const { events, groups, violations } = await this.#ask<CrowdReport>('settle', lastTask);
    const sum = { delivered: 0, bySocket: 0, lost: 0, doubled: 0, leaked: 0 };
    const findings: string[] = violations.map((what) => `a client of the crowd: ${what}`);
    for (const { members, order, finalStatus, incomplete } of groups) {
      const heard = order.map((place) => events[place]!);
      const tasks = new Map<number, Task>();
      for (const { taskId, task } of heard) {
        if (task === undefined) tasks.delete(taskId);
        else tasks.set(taskId, task);
      }
      const user = this.#users[members[0]!]!;
      const source = { finalStatus };
      const client = { user, heard, tasks, backwards: 0, violations: [], toldAfterEnd: [], source };
      const verdict = judge(client, this.#board.ledger, table);
      for (const count of ['delivered', 'lost', 'doubled', 'leaked'] as const)
        sum[count] += verdict[count] * members.length;
      const group = `${members.length} of the crowd, such as ${user.sub}`;
      findings.push(...verdict.findings.map((finding) => `${group}: ${finding}`));
      if (incomplete > 0) findings.push(`${group}: could not resume, ${incomplete} times`);
    }
    return { ...sum, findings };
  }

  /** Ends all members, and their process. */
  async close(): Promise<void> {
    await this.#process.end();
  }

  async #ask<Answer = void>(kind: string, content: unknown): Promise<Answer> {
    this.#process.say('command', { kind, content });
    return this.#process.hear<Answer>(`${kind} done`);
  }
}
