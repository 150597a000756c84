/** Where the parts of the page get the token for a request. */
export interface TokenSource {
  /**
   * The token in use, or a new one.
   * @throws {RequestRefused} or {ServerUnreachable} when there is none to be had.
   */
  current(): Promise<string>;
  /** A token was refused or has expired: it is not given again. */
  discard(token: string): void;
}
