import { pageClocks } from '../connection/liveness.ts';
import type { ConnectionStatus, Source } from '../connection/source.ts';
import { listenToWakeSignals } from '../connection/wake-signals.ts';
import { Member } from './member.ts';
import { isMessage } from './messages.ts';
import type { MemberOptions } from './surroundings.ts';
import { TabLock } from './tab-lock.ts';

/** Changes with what tabs say to each other: those of another version have a stream of their own. */
const version = 1;

export interface SharedSourceOptions extends MemberOptions {
  /** Tabs of one origin with the same key share a stream; `sharingKey` makes it. */
  readonly key: string;
}

/**
 * A source of the frames of a stream that this tab shares with all others of its key: one of them leads and has a session,
 * and the others hear of it what comes. When it dies, is closed or stands still, another leads. Each tab is told each event
 * once and in order, from the first `onReload` on, or `onReload` again where some cannot be had any more.
 */
export function createSharedSource(options: SharedSourceOptions): Source {
  const name = `taskwire-${version}-${options.key}`;
  let channel: BroadcastChannel | undefined;
  let closing = new AbortController();
  const lock = new TabLock(name, { onGranted: () => member.granted(), onRobbed: () => member.robbed() });
  const member: Member = new Member(
    {
      id: Math.random(),
      clocks: pageClocks,
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
      post: (message) => channel?.postMessage(message),
      lock: (isStolen) => lock.request(isStolen),
      unlock: () => lock.release(),
    },
    options,
  );
  const look = (): void => member.look(false);
  const wake = (): void => member.look(true);
  return {
    open(): void {
      const isJoined = channel !== undefined;
      if (!isJoined) {
        closing = new AbortController();
        const { signal } = closing;
        channel = new BroadcastChannel(name);
        channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
          if (!signal.aborted && isMessage(data)) member.receive(data);
        });
        listenToWakeSignals({ onTick: look, onWake: wake, onOffline: look }, signal);
      }
      member.open(isJoined);
    },
    pause(status: ConnectionStatus): void {
      closing.abort();
      member.leave(status);
      channel?.close();
      channel = undefined;
    },
  };
}
