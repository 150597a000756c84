import { encodeNotice } from '../../protocol/web-socket.ts';
import type { Clock } from '../../core/clock.ts';
import type { Drain } from '../../core/connections/drain.ts';
import type { OpenSocket } from '../../core/push/socket.ts';
import type { Observer } from '../../core/observer.ts';
import { SessionEnd } from '../../core/session/end-watch.ts';
import type { SocketStore } from '../shared/dynamodb/socket-store.ts';
import type { Answer } from '../shared/http/answer.ts';
import { answerFailure } from '../shared/http/failure.ts';
import { refusalOf } from '../shared/http/refusal-of.ts';
import type { SocketEnds } from '../shared/web-socket/socket-ends.ts';
import type { ConnectOptions } from './connect.ts';
import { letIn } from './connect.ts';
import type { Conversation } from './conversation.ts';
import { FrameNotSent } from './conversation.ts';
import type { SocketEvent } from './event.ts';
import { nameIn, readMessage } from './message.ts';

export interface SocketServerOptions {
  readonly connect: ConnectOptions;
  readonly conversation: Pick<Conversation, 'answer'>;
  readonly openSockets: Pick<SocketStore, 'find'>;
  readonly ends: Pick<SocketEnds, 'end' | 'forget'>;
  readonly send: (socket: string, text: string) => Promise<boolean>;
  /** Says that the page of a connection has gone. */
  readonly leave: (socket: OpenSocket) => Promise<unknown>;
  /** Reads what asks connections to end that opened before a deploy. */
  readonly readDrain: () => Promise<Drain | undefined>;
  readonly observer: Pick<Observer, 'refusedToken' | 'trouble'>;
  readonly clock: Clock;
}

/** What is answered where no answer says anything: the routes of messages have no response. */
const taken: Answer = { statusCode: 200 };

/** The WebSocket API's side of a function: connections come, send messages and go. */
export class SocketServer {
  readonly #options: SocketServerOptions;

  constructor(options: SocketServerOptions) {
    this.#options = options;
  }

  /** Serves one event, and never rejects: the client would hear of it in API Gateway's words. */
  async serve(event: SocketEvent): Promise<Answer> {
    const { eventType, connectionId } = event.requestContext;
    if (eventType === 'CONNECT') return this.#connect(event);
    try {
      if (eventType === 'MESSAGE') await this.#message(connectionId, event.body);
      else await this.#disconnect(connectionId);
    } catch (error) {
      this.#options.observer.trouble('a message cannot be answered', error);
    }
    return taken;
  }

  /** Of a refusal the client sees the status, and a page not even that. Nothing can be sent before this has returned. */
  async #connect(event: SocketEvent): Promise<Answer> {
    try {
      return await letIn(event, this.#options.connect);
    } catch (error) {
      return answerFailure(error, this.#options.observer);
    }
  }

  async #disconnect(connectionId: string): Promise<void> {
    const socket = await this.#options.openSockets.find(connectionId);
    if (socket === undefined) return;
    await this.#options.ends.forget(socket);
    await this.#options.leave(socket);
  }

  async #message(connectionId: string, text: string | undefined): Promise<void> {
    const { openSockets, ends } = this.#options;
    let socket: OpenSocket | undefined;
    try {
      socket = await openSockets.find(connectionId);
      if (socket === undefined) return await this.#endUnknown(connectionId);
      await this.#answer(socket, text);
    } catch (error) {
      if (socket !== undefined && error instanceof SessionEnd) return ends.end(socket, error.reason);
      if (error instanceof FrameNotSent)
        return this.#options.observer.trouble('a frame cannot be sent', error.cause);
      const { code, message } = refusalOf(error, this.#options.observer);
      await this.#options.send(connectionId, encodeNotice('error', { error: message, code }, nameIn(text)));
    }
  }

  async #answer(socket: OpenSocket, text: string | undefined): Promise<void> {
    const { conversation, ends, clock, readDrain } = this.#options;
    if (socket.ended !== undefined) throw new SessionEnd(socket.ended);
    if (socket.expiresAt <= clock.now()) throw new SessionEnd('token_expired');
    const message = readMessage(text, socket.id);
    if (message.action === 'ping' && isDrained(socket, await readDrain())) throw new SessionEnd('deploy');
    if (!(await conversation.answer(socket, message))) await ends.forget(socket);
  }

  /** Whoever has ended it could not close it, or its item has expired: the client comes back. */
  async #endUnknown(socket: string): Promise<void> {
    const nobody = { workspace: '', user: '', admin: false };
    await this.#options.ends.end(
      { socket, id: '', principal: nobody, connectedAt: 0, expiresAt: 0 },
      'session_length',
    );
  }
}

function isDrained({ connectedAt }: OpenSocket, drain: Drain | undefined): boolean {
  return drain !== undefined && connectedAt < drain.before;
}
