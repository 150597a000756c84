import type { SentFrame } from './recent-frames.ts';

/** What the operators' page shows of a stack, as JSON. Times in epoch milliseconds. */
export interface OperatorsView {
  readonly now: number;
  /** Open streams and WebSockets. */
  readonly connections: readonly ShownConnection[];
  /** Frames that were not shown yet. */
  readonly frames: readonly SentFrame[];
  readonly functions: readonly ShownFunction[];
  readonly faults: readonly ShownFault[];
}

export interface ShownConnection {
  readonly workspace: string;
  readonly user: string;
  readonly id: string;
  readonly transport: 'stream' | 'WebSocket';
  readonly connectedAt: number;
  /** When it ends at the latest. */
  readonly deadline: number;
  /** Why it must end, once somebody has said that it must. */
  readonly ended: string | undefined;
}

export interface ShownFunction {
  readonly name: string;
  /** How many invocations are under way. */
  readonly running: number;
  /** Process id, while it runs. */
  readonly pid: number | undefined;
}

export interface ShownFault {
  readonly name: string;
  readonly text: string;
  /** What an operator sees of it. */
  readonly look: string;
  /** Rows of docs/FAULTS.md that inject the same. */
  readonly rows: readonly string[];
  readonly isOn: boolean;
  /** How often it has happened since the start. */
  readonly injected: number;
}
