import type { FunctionError } from './runtime/channel.ts';

/** Receives what comes out of one invocation. Exactly one of result, failed and end closes it. */
export interface InvocationReceiver {
  /** A buffered result, as JSON text. */
  readonly result: (json: Buffer) => void;
  readonly failed: (error: FunctionError) => void;
  /** A streamed response begins. */
  readonly contentType: (type: string) => void;
  /** Bytes of a streamed response; false asks the function to wait until {@link Invocation.resume}. */
  readonly chunk: (bytes: Buffer) => boolean;
  readonly end: () => void;
}

/** A running invocation. */
export interface Invocation {
  /** The receiver takes data again after `chunk` gave false. */
  readonly resume: () => void;
}

/** Hears of the invocations of one function, as the platform counts them. */
export interface InvocationObserver {
  /** One begins; gives what hears of its end, and whether it failed. */
  readonly began: () => (failed: boolean) => void;
  /** One was refused, because as many run as may. */
  readonly throttled: () => void;
}

/** How Lambda refuses an invocation where as many run as may. Source: Invoke, Lambda API reference. */
export const throttle: FunctionError = {
  errorType: 'TooManyRequestsException',
  errorMessage: 'Rate Exceeded.',
};

/** Whether an invocation was refused, and the function did not run. */
export function isThrottle(error: unknown): boolean {
  return error instanceof InvocationFailure && error.detail.errorType === throttle.errorType;
}

/** Gives what a receiver gets to it, and says when the invocation is over. */
export function observeEnd(
  receiver: InvocationReceiver,
  ended: (failed: boolean) => void,
): InvocationReceiver {
  return {
    contentType: (type) => receiver.contentType(type),
    chunk: (bytes) => receiver.chunk(bytes),
    result: (json) => {
      ended(false);
      receiver.result(json);
    },
    end: () => {
      ended(false);
      receiver.end();
    },
    failed: (error) => {
      ended(true);
      receiver.failed(error);
    },
  };
}

/** A function failed, or its process did; the message is in Lambda's shape. */
export class InvocationFailure extends Error {
  readonly detail: FunctionError;
  constructor(detail: FunctionError) {
    super(`${detail.errorType}: ${detail.errorMessage}`);
    this.name = 'InvocationFailure';
    this.detail = detail;
  }
}
