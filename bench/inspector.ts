import { Session } from 'node:inspector/promises';

/** An open inspector of a process: https://chromedevtools.github.io/devtools-protocol/v8/ */
export interface Inspector {
  /** Calls a method of the protocol and gives its result. */
  readonly post: <Result>(method: string, parameters?: object) => Promise<Result>;
  readonly close: () => void;
}

/** The flag with which a process opens its inspector at any port; it prints the address. */
export const inspectFlag = '--inspect=127.0.0.1:0';

/** The address in the line that a process prints when its inspector is open; undefined for any other line. */
export function inspectorAddress(line: string): string | undefined {
  return /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
}

/** Opens the inspector of this process. */
export function inspectThisProcess(): Inspector {
  const session = new Session();
  session.connect();
  // The typed methods are many; the protocol is one.
  const post = session.post.bind(session) as (method: string, parameters?: object) => Promise<unknown>;
  return {
    post: async <Result>(method: string, parameters?: object) => (await post(method, parameters)) as Result,
    close: () => session.disconnect(),
  };
}

/**
 * Opens the inspector of another process.
 * @param address its WebSocket.
 */
export async function inspectProcess(address: string): Promise<Inspector> {
  const socket = new WebSocket(address);
  const answers = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id: number; readonly result: unknown };
    answers.get(id)?.(result);
    answers.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${address}`)), { once: true });
  });
  let last = 0;
  return {
    post: <Result>(method: string, parameters?: object) =>
      new Promise<Result>((resolve) => {
        last += 1;
        answers.set(last, resolve as (result: unknown) => void);
        socket.send(JSON.stringify({ id: last, method, params: parameters }));
      }),
    close: () => socket.close(),
  };
}
