/** The functions, each with its code in `lambdas/<name>/handler.ts`. */
export type FunctionName = 'tasks' | 'connections' | 'fanout' | 'stream';
