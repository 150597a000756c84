import { findFreePort } from '../../../commands/free-port.ts';
import type { RawAnswer } from '../raw-request.ts';
import { sendRaw } from '../raw-request.ts';
import type { TestStack } from '../stack.ts';
import { startWith } from '../synthesized-stack.ts';
import { KeyServer } from './key-server.ts';

/** A stack whose issuer is the test's own, with whatever keys and claims the test likes. */
export class TokenAttack {
  readonly stack: TestStack;
  readonly issuer: KeyServer;

  private constructor(stack: TestStack, issuer: KeyServer) {
    this.stack = stack;
    this.issuer = issuer;
  }

  static async start(edge: 'on' | 'off' = 'off'): Promise<TokenAttack> {
    const issuer = await KeyServer.start();
    // The stack binds it first of all: in the time that it takes to make keys, others could.
    const port = await findFreePort();
    issuer.standFor(port);
    const stack = await startWith({ edge }, { port, environment: { JWT_JWKS_URI: issuer.keySetUrl } });
    return new TokenAttack(stack, issuer);
  }

  async close(): Promise<void> {
    await this.stack.close();
    await this.issuer.close();
  }

  /** What the API, the statistics and the stream answer to a token, in the header and, for the stream, in the query. */
  async answers(token: string): Promise<Record<string, string>> {
    const headers = [['authorization', `Bearer ${token}`] as const];
    const query = `/sse/connect?token=${encodeURIComponent(token)}`;
    const ask = async (target: string, sent: typeof headers): Promise<string> =>
      code(await sendRaw(this.stack.local.url, { target, headers: sent }, (text) => text.includes('\n\n')));
    const [tasks, stats, stream, inQuery] = await Promise.all([
      ask('/tasks', headers),
      ask('/sse/stats', headers),
      ask('/sse/connect', headers),
      ask(query, []),
    ]);
    return { tasks, stats, stream, query: inQuery };
  }
}

/** A part of a JWT. */
export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Status and error code of an answer. */
export function code({ status, text }: RawAnswer): string {
  return `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 80)}`;
}

/** What `answers` gives for a token that is refused everywhere. */
export function refusal(fault: string): object {
  return Object.fromEntries(['tasks', 'stats', 'stream', 'query'].map((way) => [way, `401 ${fault}`]));
}

/**
 * Checks what `answers` gives for a token of a key that nobody knows: refused, or, while the issuer may not be asked again,
 * told to come back. Never let in.
 */
export function expectKeptOut({ stream, query, ...api }: Readonly<Record<string, string>>): void {
  for (const answer of Object.values(api)) expect(answer).toMatch(/^(401 token_invalid|503 unavailable)$/);
  for (const answer of [stream, query]) {
    expect(answer).toMatch(
      /^(401 token_invalid$|200 :\nretry: \d+\nevent: end\ndata: \{"reason":"trouble",)/,
    );
  }
}
