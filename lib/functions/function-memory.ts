import type { FunctionName } from './function-names.ts';

/** Memory of each function, MB; the share of a processor grows with it, and so does what a second costs. */
export const functionMemory: Readonly<Record<FunctionName, number>> = {
  tasks: 512,
  connections: 256,
  fanout: 512,
  // One stream an environment, for as long as it is open: most of what a stage costs. Half of it would not do: docs/PERFORMANCE.md.
  stream: 256,
  push: 256,
  websocket: 256,
  signin: 128,
  canary: 256,
  gauge: 256,
};
