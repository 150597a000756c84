import type { Who, TestStack } from './stack.ts';
import { SocketStream } from './socket-stream.ts';
import type { ReceivedFrame, StreamClient } from './stream-client.ts';

/** What a client wants to hear of, as the query of a stream has it. */
export type Wanted = Readonly<Record<string, string>>;

/** A client of either transport. */
export interface Subscribed {
  /** What the server calls the connection. */
  readonly id: string;
  /** The task events, once each and in order. */
  readonly events: readonly ReceivedFrame['data'][];
  /** The ids of their frames. */
  readonly ids: readonly (string | undefined)[];
  /** The cursor of where it is. */
  readonly cursor: string;
  /** What it was told of the places that it asked for. */
  readonly resumes: readonly ReceivedFrame['data'][];
  /** What it was told of other users. */
  readonly others: readonly ReceivedFrame['data'][];
  /** The names of all fields that the frames about other users have, each once. */
  readonly fieldsOfOthers: readonly string[];
  until(condition: () => boolean): Promise<unknown>;
  /** What the last frame says, once the server has ended it. */
  end(): Promise<ReceivedFrame['data']>;
  cut(): void;
}

export interface Transport {
  readonly name: string;
  /** Connects, and resolves when what happens from now on is told. */
  connect(stack: TestStack, who: Who, wanted?: Wanted): Promise<Subscribed>;
}

const isTaskEvent = ({ data }: ReceivedFrame): boolean => String(data.type).startsWith('task.');
const isOfOthers = ({ data }: Pick<ReceivedFrame, 'data'>): boolean =>
  /^(presence|typing)\./.test(String(data.type));

/** The names of the fields that some frames have, each once. */
function fieldsOf(frames: readonly object[]): string[] {
  const fields = frames.flatMap((frame) =>
    Object.entries(frame).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  );
  return [...new Set(fields)].toSorted();
}

class OverStream implements Subscribed {
  readonly #stream: StreamClient;

  constructor(stream: StreamClient) {
    this.#stream = stream;
  }

  get id(): string {
    return this.#stream.frames[0]!.data.connectionId;
  }
  get events(): Subscribed['events'] {
    return this.#stream.events;
  }
  get ids(): Subscribed['ids'] {
    return this.#stream.frames.filter(isTaskEvent).map(({ id }) => id);
  }
  get cursor(): string {
    return this.#stream.cursor;
  }
  get resumes(): Subscribed['resumes'] {
    return this.#stream.frames.filter(({ event }) => event === 'resume').map(({ data }) => data);
  }
  get others(): Subscribed['others'] {
    return this.#stream.frames.filter(isOfOthers).map(({ data }) => data);
  }
  get fieldsOfOthers(): Subscribed['fieldsOfOthers'] {
    return fieldsOf(this.#stream.frames.filter(isOfOthers));
  }
  until(condition: () => boolean): Promise<unknown> {
    return this.#stream.until(condition);
  }
  async end(): Promise<ReceivedFrame['data']> {
    await this.#stream.ended;
    return this.#stream.frames.find(({ event }) => event === 'end')?.data;
  }
  cut(): void {
    this.#stream.cut();
  }
}

class OverSocket implements Subscribed {
  readonly #socket: SocketStream;

  constructor(socket: SocketStream) {
    this.#socket = socket;
  }

  get id(): string {
    return this.#socket.received.find(({ data }) => data.type === 'connection.established')!.data
      .connectionId;
  }
  get events(): Subscribed['events'] {
    return this.#socket.frames.filter(isTaskEvent).map(({ data }) => data);
  }
  get ids(): Subscribed['ids'] {
    return this.#socket.frames.filter(isTaskEvent).map(({ id }) => id);
  }
  get cursor(): string {
    return this.#socket.cursor;
  }
  get resumes(): Subscribed['resumes'] {
    const resumes = this.#socket.received.filter(({ event }) => event === 'resume');
    return resumes.map(({ data }) => data);
  }
  get others(): Subscribed['others'] {
    return this.#socket.received.filter(isOfOthers).map(({ data }) => data);
  }
  get fieldsOfOthers(): Subscribed['fieldsOfOthers'] {
    return fieldsOf(this.#socket.received.filter(isOfOthers));
  }
  until(condition: () => boolean): Promise<unknown> {
    return this.#socket.until(condition);
  }
  async end(): Promise<ReceivedFrame['data']> {
    await this.#socket.ended;
    return this.#socket.received.find(({ event }) => event === 'end')?.data;
  }
  cut(): void {
    this.#socket.cut();
  }
}

/** All there are. */
export const transports: readonly Transport[] = [
  {
    name: 'an event stream',
    connect: async (stack, who, { cursor, ...wanted } = {}) =>
      new OverStream(await stack.connect(who, { ...wanted, ...(cursor && { lastEventId: cursor }) })),
  },
  {
    name: 'a WebSocket',
    connect: async (stack, who, { presence, ...wanted } = {}) => {
      const token = await stack.local.issuer.sign(who);
      const options = { ...wanted, ...(presence && { presence: presence === 'true' }) };
      return new OverSocket(
        await SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`, options),
      );
    },
  },
];
