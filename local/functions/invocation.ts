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

/** A function failed, or its process did; the message is in Lambda's shape. */
export class InvocationFailure extends Error {
  readonly detail: FunctionError;
  constructor(detail: FunctionError) {
    super(`${detail.errorType}: ${detail.errorMessage}`);
    this.name = 'InvocationFailure';
    this.detail = detail;
  }
}
