/** A reason why the local stack cannot start, in one line that says what to do. Shown without a stack trace. */
export class StartFailure extends Error {
  override name = 'StartFailure';
}
