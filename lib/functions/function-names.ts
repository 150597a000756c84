/** The functions, each with its code in `lambdas/<name>/handler.ts`. */
export const functionNames = [
  'tasks',
  'connections',
  'fanout',
  'stream',
  'push',
  'websocket',
  'signin',
  'canary',
  'gauge',
] as const;
export type FunctionName = (typeof functionNames)[number];
