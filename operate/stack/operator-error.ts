/** What stands in the way of a redrive; the message says what it is and what to do, in one line. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
