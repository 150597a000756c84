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
  /** How many invocations or requests are under way. */
  readonly running: number;
  /** Ids of the processes that there are. */
  readonly pids: readonly number[];
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

/** What CloudWatch would show of a stack, as JSON. */
export interface MetricsView {
  /** The minutes of the charts: when each begins, epoch milliseconds; the last one is not over yet. */
  readonly minutes: readonly number[];
  readonly graphs: readonly ShownGraph[];
  readonly alarms: readonly ShownAlarm[];
}

export interface ShownGraph {
  readonly section: string;
  readonly title: string;
  /** Where alarms go off. */
  readonly thresholds: ReadonlyArray<{ readonly label: string; readonly value: number }>;
  /** A value for each minute; null where there is none. */
  readonly lines: ReadonlyArray<{ readonly label: string; readonly values: ReadonlyArray<number | null> }>;
}

export interface ShownAlarm {
  readonly name: string;
  readonly text: string;
  /** Its entry in docs/RUNBOOK.md. */
  readonly runbook: string | undefined;
  readonly condition: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** What it was judged by, oldest first. */
  readonly values: ReadonlyArray<number | null>;
}
