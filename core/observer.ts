import type { EndReason } from '../protocol/end-reasons.ts';
import type { TokenError } from '../protocol/errors.ts';
import type { Resume } from '../protocol/frames.ts';

/** What carries the frames of a connection. */
export type TransportName = 'stream' | 'socket';

/** How a connection has ended. */
export interface Ended {
  /** Undefined where nobody foresaw it. */
  readonly reason: EndReason | undefined;
  /** How long it was open, milliseconds. */
  readonly afterMs: number;
  /** How long it ran on after its client was last known to be there, milliseconds; undefined where nobody can tell. */
  readonly unheardMs?: number | undefined;
}

/** Hears of what an operator may want to count. Nothing that it does may fail or wait. */
export interface Observer {
  /** A request has written a task; `version` is what it is now, undefined where it is deleted. */
  written(workspace: string, task: number, version: number | undefined): void;
  /**
   * A connection was opened.
   * @param follows whether its client says that it comes after a stream that has ended.
   */
  opened(connectionId: string, transport: TransportName, follows: boolean): void;
  /** A client was told whether it could go on from where it was. */
  resumed(connectionId: string, resume: Resume): void;
  /** A stream has told what there was before it came: so many events, so many milliseconds after it opened. */
  caughtUp(connectionId: string, events: number, afterMs: number): void;
  /**
   * An event was handed over for a client.
   * @param ageMs how long after its change was written, milliseconds; undefined for what was written before the client
   *   came, whose age says nothing about how fast it was told.
   */
  told(ageMs: number | undefined): void;
  /** A connection has ended. */
  ended(connectionId: string, transport: TransportName, ended: Ended): void;
  /** The end of a log was looked at for somebody who waits there. */
  polled(): void;
  /**
   * The changes of a batch were appended to the log of a workspace; none where it held all of them.
   * @param ages how long after each of them was written, milliseconds.
   */
  appended(workspace: string, ages: readonly number[]): void;
  /** New changes of a workspace were told to a page of its subscribers. */
  pushed(workspace: string, subscribers: number): void;
  /** Somebody came with a token or a ticket that is refused. */
  refusedToken(code: TokenError): void;
  /**
   * Something failed, of which clients hear little or nothing.
   * @param what what failed, for whoever reads the log.
   * @param details what else is to be known.
   */
  trouble(what: string, error: unknown, details?: Readonly<Record<string, unknown>>): void;
}

/** How many connections are open at a time, in all workspaces. */
export type OpenConnectionCount = Readonly<Record<TransportName, number>>;

/** Hears what the gauge has counted, as {@link Observer} of all else. */
export interface GaugeObserver {
  /** All connections were looked at. */
  counted(open: OpenConnectionCount): void;
}

/** What one run of the canary has measured, milliseconds. */
export interface Probe {
  /** From the beginning of the request that writes a task to its answer. */
  readonly writeToAnswerMs: number;
  /** From the same to the frame that tells of the task. */
  readonly writeToFrameMs: number;
  /** From the server's time of the stream's first frame, after which nothing comes, until it was there. */
  readonly heldChunkMs: number;
}

/** At which step a run of the canary has failed. */
export type ProbeFault = 'sign_in' | 'connect' | 'write' | 'frame' | 'cleanup';

/** Hears of the runs of the canary, as {@link Observer} of all else. */
export interface ProbeObserver {
  /** A task was written, heard of and deleted. */
  probed(probe: Probe): void;
  /** It was not, or something was left behind. */
  probeFailed(fault: ProbeFault, error: unknown): void;
}
