import { once } from 'node:events';
import { WebSocket } from 'ws';
import { paths } from '../../protocol/routes.ts';
import type { Mouth, SaidOfPage } from './page.ts';

/** How long a message may take to be answered, milliseconds. */
const patienceMs = 30_000;

/** What an error of the WebSocket is as a status, for those that a page may get. */
const statuses: Readonly<Record<string, number>> = { task_not_found: 404, conflict: 409, throttled: 429 };

/** Says it over a WebSocket, one message after the other. When it is cut, its page has left. */
export class SocketMouth implements Mouth {
  readonly #socket: WebSocket;
  #last: Promise<unknown>;

  /** @param origin of the stack. */
  constructor(origin: string, token: string) {
    this.#socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${paths.webSocket}?token=${token}`);
    this.#last = once(this.#socket, 'open');
  }

  /** The connection is the page: it has no other name. */
  view({ viewId: _viewId, ...said }: SaidOfPage): Promise<number> {
    return this.#ask({ action: 'presence', ...said });
  }

  type(taskId: number, typing: boolean): Promise<number> {
    return this.#ask({ action: 'typing', taskId, typing });
  }

  cut(): void {
    this.#socket.terminate();
  }

  #ask(message: object): Promise<number> {
    const answer = this.#last
      .catch(() => undefined)
      .then(async () => {
        const signal = AbortSignal.timeout(patienceMs);
        this.#socket.send(JSON.stringify(message));
        const [text] = (await once(this.#socket, 'message', { signal })) as [Buffer];
        const { event, data } = JSON.parse(text.toString('utf8')) as {
          readonly event: string;
          readonly data: { readonly code?: string };
        };
        return event === 'error' ? (statuses[data.code ?? ''] ?? 500) : 200;
      });
    this.#last = answer;
    return answer;
  }
}
