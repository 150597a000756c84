/** What keeps a command from doing its work; the message tells whoever typed it, in one line, why and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
