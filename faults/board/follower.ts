import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import type { SocketFrame } from '../../protocol/web-socket.ts';

/** What a client says. */
export interface Said {
  readonly action: 'subscribe' | 'resume' | 'ping';
  readonly subscription: string;
  readonly cursor?: string;
}

/** A frame as a client gets it. */
export interface ReceivedSocketFrame extends Omit<SocketFrame, 'json'> {
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look at the JSON as a client would
  readonly data: any;
}

/** The example of docs/PROTOCOL.md. */
export interface Follower<Options> {
  subscribe(options?: Options): void;
  receive(frame: ReceivedSocketFrame): void;
  ping(): void;
}

const protocol = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
const [, example] = /```javascript\n((?:(?!```)[^])*?function follower[^]*?)```/.exec(protocol) ?? [];

/** Makes a client that follows the rules of docs/PROTOCOL.md: it is the code of the document. */
export const follower = runInThisContext(`(() => { ${example}; return follower; })()`) as <Options>(
  send: (said: Said & Options) => void,
  deliver: (frame: ReceivedSocketFrame) => void,
) => Follower<Options>;
