import { format } from 'node:util';
import { InvokeStore, InvokeStoreBase } from '@aws/lambda-invoke-store';

/**
 * Holds what belongs to the invocation that runs, as AWS's runtime does it in an environment that takes several at once;
 * libraries find it at the same place.
 */
const invokeStore = await InvokeStore.getInstanceAsync(true);

/** Runs an invocation: what it logs names its request. */
export function runAsRequest(requestId: string, work: () => Promise<void>): Promise<void> {
  return Promise.resolve(invokeStore.run({ [InvokeStoreBase.PROTECTED_KEYS.REQUEST_ID]: requestId }, work));
}

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
        requestId: invokeStore.hasContext() ? invokeStore.getRequestId() : undefined,
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
