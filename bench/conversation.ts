import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { on } from 'node:events';

/** A message between two processes of the benchmark. */
export interface Message<Content = unknown> {
  readonly kind: string;
  readonly content?: Content;
}

/** The other side of a conversation between a process and one that it started; strictly in turns. */
export interface Partner {
  readonly say: (kind: string, content?: unknown) => void;
  /**
   * Waits for the next message.
   * @throws {Error} when it is of another kind, or when the partner is gone.
   */
  readonly hear: <Content>(kind: string) => Promise<Content>;
}

/** A process that this one started. */
export interface StartedPartner extends Partner {
  readonly pid: number;
  readonly end: () => Promise<void>;
}

/** Starts a process with a module of the benchmark. It ends with this one. */
export function startPartner(module: URL): StartedPartner {
  const child = fork(module);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const gone = new Error(`${module.pathname} ended before its work was done`);
  return {
    pid: child.pid ?? 0,
    say: (kind, content) => child.send({ kind, content } satisfies Message),
    hear: listenTo(child, 'exit', gone),
    end: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** The process that started this one. When it goes, this process goes too. */
export function parentPartner(): Partner {
  if (process.send === undefined) throw new Error('this module is started by bench/run.ts');
  // Ctrl-C reaches the whole process group: the first process ends, and the others follow in order.
  process.on('SIGINT', () => {});
  process.once('disconnect', () => process.exit());
  return {
    say: (kind, content) => process.send?.({ kind, content } satisfies Message),
    hear: listenTo(process, 'disconnect', new Error('the benchmark ended')),
  };
}

function listenTo(source: ChildProcess | NodeJS.Process, closing: string, gone: Error): Partner['hear'] {
  const abort = new AbortController();
  source.once(closing, () => abort.abort(gone));
  const messages = on(source, 'message', { signal: abort.signal });
  return async <Content>(expected: string): Promise<Content> => {
    const next = (await messages.next().catch(() => Promise.reject(gone))) as IteratorResult<
      [Message<Content>]
    >;
    const { kind, content } = next.value[0];
    if (kind !== expected) throw new Error(`expected ${expected}, heard ${kind}`);
    return content as Content;
  };
}
