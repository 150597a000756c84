import type { Injection } from '../matrix/row.ts';
import { judgeGrowth, readMemory } from './live-memory.ts';

const kilobyte = 1024;

/**
 * What an open stream may take of each process, bytes: the text that is being written and its stream's own buffer, 64 KB
 * each, and the session itself. After a storm the sessions of those that were cut are open as well.
 */
const streamBytes = 160 * kilobyte;
const constantBytes = 32 * 1024 * kilobyte;

/** All clients are cut at once, and all come back at once with their cursors, while changes are written. */
export async function storm(injection: Injection): Promise<void> {
  const clients = injection.scale === 'full' ? 1000 : 100;
  const rounds = 2;
  const crowd = await injection.gather([{ sub: 'reader', count: clients }]);
  await injection.write(20);
  const before = await readMemory(injection);
  for (let round = 1; round <= rounds; round += 1) {
    const [times] = await Promise.all([crowd.storm({ from: 0, to: clients }), injection.write(20)]);
    injection.injected += clients;
    const line = `storm ${round}: ${times.count} clients are back, p50 ${times.p50.toFixed(0)} ms, p99 ${times.p99.toFixed(0)} ms, the last after ${times.max.toFixed(0)} ms`;
    injection.notes.push(line);
  }
  await injection.write(20);
  const bound = rounds * clients * streamBytes + constantBytes;
  judgeGrowth(injection, 'after the storms', before, await readMemory(injection), {
    front: bound,
    stream: bound,
  });
}
