import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';

/** Holds the request id of the invocation that runs. */
export const currentRequest = new AsyncLocalStorage<string>();

const levels = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const;

/**
 * Makes the console write one JSON object a line, as Lambda does for functions with the log format JSON.
 * Source: "Log and monitor Node.js Lambda functions", using structured JSON logs.
 */
export function useJsonConsole(): void {
  for (const [method, level] of Object.entries(levels) as Array<[keyof typeof levels, string]>) {
    console[method] = (...values: unknown[]) => {
      const [first] = values;
      const isObject = values.length === 1 && typeof first === 'object' && first !== null;
      const error = values.find((value) => value instanceof Error);
      const line = {
        timestamp: new Date().toISOString(),
        level,
        requestId: currentRequest.getStore(),
        ...(isObject && error === undefined ? { message: first } : { message: format(...values) }),
        ...(error !== undefined && describe(error)),
      };
      process.stdout.write(`${serialize(line)}\n`);
    };
  }
}

function serialize(line: object): string {
  try {
    return JSON.stringify(line, (_key, value: unknown) => (value instanceof Error ? describe(value) : value));
  } catch {
    // A circle, or a bigint.
    return JSON.stringify({ ...line, message: format(line) });
  }
}

/**
 * An error with the properties of its own, as Lambda's runtime writes it: a request that hangs on an error gets into the
 * log there, so it must here.
 */
function describe(error: Error): object {
  const known = {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: (error.stack ?? '').split('\n').slice(1),
    ...(error.cause !== undefined && { cause: error.cause }),
  };
  return Object.assign(known, error);
}
