import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A proxy that compresses what it hands on, in a process of its own. */
export interface CompressingProxy {
  readonly url: string;
  /** Another one, which does not see that the stack forbids to compress. */
  readonly urlWithoutHeader: string;
  readonly close: () => Promise<void>;
}

/** Starts both before `target`, the origin of a stack. */
export async function startCompressingProxy(target: string): Promise<CompressingProxy> {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'node/compressing-proxy.mjs'), target], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line] = (await once(createInterface({ input: program.stdout }), 'line')) as [string];
  const { port, portWithoutHeader } = JSON.parse(line) as { port: number; portWithoutHeader: number };
  return {
    url: `http://127.0.0.1:${port}`,
    urlWithoutHeader: `http://127.0.0.1:${portWithoutHeader}`,
    close: async () => {
      program.stdin.end();
      await once(program, 'close');
    },
  };
}
