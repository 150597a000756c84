import type { EndReason } from '../../protocol/end-reasons.ts';

/** What names a connection in the connections table. */
export interface ConnectionKey {
  readonly workspace: string;
  readonly user: string;
  readonly id: string;
}

/** An open stream, as the connections table knows it. Times in epoch milliseconds. */
export interface Connection extends ConnectionKey {
  readonly connectedAt: number;
  /** When the session ends at the latest; from then on the item does not count. */
  readonly deadline: number;
  /** When its client first came, as the mark said that the client gave back; with this stream, where there was none. */
  readonly born?: number | undefined;
  /** The stream before of the same client, as `shortId` has it; undefined where the client said of none. */
  readonly after?: string | undefined;
  /** Why the stream must end now. */
  readonly ended?: EndReason | undefined;
  /** When somebody said that it must. */
  readonly endedAt?: number | undefined;
}

/** What others have written into the item of an open stream. */
export interface ConnectionState {
  /** Why the stream must end now. */
  readonly ended?: EndReason | undefined;
  /** When the lease that the client renews runs out, epoch milliseconds; undefined for a stream without one. */
  readonly leaseUntil?: number | undefined;
}
