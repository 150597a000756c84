/** A request for a stream, as any host hands it over. */
export interface HostRequest {
  readonly method: string;
  /** As docs/PROTOCOL.md knows it, without a slash at its end. */
  readonly path: string;
  /** By their names in lower case; several values of one have commas between them, as those of a parameter have. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** When the host must be done with it, epoch milliseconds. */
  readonly deadline: number;
}

/** Status and headers of an answer. */
export interface AnswerHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer on its way. */
export interface HostAnswer {
  /** Takes text; gives nothing when there is room for more at once, else a promise of room. */
  write(text: string): Promise<void> | undefined;
  /** Resolves when nothing that is written arrives any more; where the host does not tell, never. */
  readonly broken: Promise<void>;
  /** Ends the answer. */
  end(): void;
  /**
   * Waits until all of an answer that has ended is taken, and breaks off one whose client does not read.
   * @param patience resolves when it has waited long enough.
   */
  closed(patience: Promise<void>): Promise<void>;
  /** As `closed`, for an answer without a body: it waits for the host to close it. */
  closedByHost(patience: Promise<void>): Promise<void>;
}

/** What runs the stream server: it hands requests over and takes their answers. */
export interface Host {
  /**
   * Begins the answer: sends status and headers.
   * @param opening is sent with them, before anything else.
   */
  answer(head: AnswerHead, opening?: string): Promise<HostAnswer>;
}
