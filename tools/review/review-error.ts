/** A review that cannot be made; the message says why and what to do. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}
