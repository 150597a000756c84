import type { Follower, ReceivedSocketFrame, Said } from '../../faults/board/follower.ts';
import { follower } from '../../faults/board/follower.ts';
import type { ReceivedMessage } from '../../client/connection/socket-follower.ts';
import { SocketFollower } from '../../client/connection/socket-follower.ts';

type MakeFollower = <Options extends object>(
  send: (said: Said & Options) => void,
  deliver: (frame: ReceivedSocketFrame) => void,
) => Follower<Options>;

/** Makes the follower of the client package, with the interface of the one in docs/PROTOCOL.md. */
export function packageFollower<Options extends object>(
  send: (said: Said & Options) => void,
  deliver: (frame: ReceivedSocketFrame) => void,
): Follower<Options> {
  const follows = new SocketFollower(
    (said) => send(said as Said & Options),
    (message) => deliver(message as unknown as ReceivedSocketFrame),
  );
  return {
    subscribe: (options) => {
      const { cursor, ...wanted } = (options ?? {}) as { readonly cursor?: string };
      follows.subscribe(wanted, cursor);
    },
    receive: (frame) => follows.receive(frame as unknown as ReceivedMessage),
    ping: () => follows.ping(),
  };
}

/** Both clients that follow the rules: whatever holds for one has to hold for the other. */
export const followers: ReadonlyArray<readonly [name: string, follower: MakeFollower]> = [
  ['of docs/PROTOCOL.md', follower],
  ['of the client package', packageFollower],
];
