import type { RawAnswer, RawRequest } from '../raw-request.ts';
import { sendRaw } from '../raw-request.ts';
import type { TestStack, Who } from '../stack.ts';
import { startWith } from '../synthesized-stack.ts';

export const alice = { sub: 'alice', workspace: 'attack' };
export const mallory = { sub: 'mallory', workspace: 'attack' };
export const boss = { sub: 'boss', workspace: 'attack', admin: true };

/** The header in which the edge hands the viewer's token on. */
export const internal = 'x-taskwire-authorization';
export const json = ['content-type', 'application/json'] as const;

type Name = 'alice' | 'mallory' | 'boss';

/** A stack with a private task of alice's, and tokens of alice, of mallory who may not see it, and of an admin. */
export class RequestAttack {
  readonly stack: TestStack;
  readonly tokens: Readonly<Record<Name, string>>;
  /** Id of the task, whose name is `the secret`. */
  readonly secret: number;

  private constructor(stack: TestStack, tokens: Record<Name, string>, secret: number) {
    this.stack = stack;
    this.tokens = tokens;
    this.secret = secret;
  }

  static async start(edge: 'on' | 'off'): Promise<RequestAttack> {
    const stack = await startWith({ edge });
    const { issuer } = stack.local;
    const tokens = {
      alice: await issuer.sign(alice),
      mallory: await issuer.sign(mallory),
      boss: await issuer.sign(boss),
    };
    const secret = await stack.request(alice, 'POST', '/tasks', {
      name: 'the secret',
      visibility: 'private',
    });
    return new RequestAttack(stack, tokens, secret.body.task.id);
  }

  close(): Promise<void> {
    return this.stack.close();
  }

  /** Makes a task and gives its id. */
  async create(who: Who, body: object): Promise<number> {
    return (await this.stack.request(who, 'POST', '/tasks', body)).body.task.id;
  }

  send(request: RawRequest, enough?: (text: string) => boolean): Promise<RawAnswer> {
    return sendRaw(this.stack.local.url, request, enough);
  }

  /** A header with somebody's token. */
  bearer(name: Name, header = 'authorization'): readonly [name: string, value: string] {
    return [header, `Bearer ${this.tokens[name]}`];
  }

  /** Whom a stream greets, or the verdict. */
  async greeted(request: RawRequest): Promise<string> {
    const answer = await this.send(request, (text) => text.includes('\n\n'));
    return /"userId":"([^"]*)"/.exec(answer.text)?.[1] ?? verdict(answer);
  }
}

/** The status of an answer and its code, if it has one. */
export function verdict({ status, text }: RawAnswer): string {
  return [status, /"code":"(\w+)"/.exec(text)?.[1]].filter(Boolean).join(' ');
}
