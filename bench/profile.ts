import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Inspector } from './inspector.ts';

/** Microseconds between two samples. */
const samplingInterval = 500;

/**
 * Profiles processes.
 * @param inspectors by the name of the process.
 * @returns stops, and writes `<name>.cpuprofile` into the directory for each.
 */
export async function profileProcesses(
  directory: string,
  inspectors: ReadonlyMap<string, Inspector>,
): Promise<() => Promise<void>> {
  mkdirSync(directory, { recursive: true });
  for (const { post } of inspectors.values()) {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: samplingInterval });
    await post('Profiler.start');
  }
  return async () => {
    for (const [name, { post }] of inspectors) {
      const { profile } = await post<{ readonly profile: object }>('Profiler.stop');
      writeFileSync(path.join(directory, `${name}.cpuprofile`), JSON.stringify(profile));
    }
  };
}
