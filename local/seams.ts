import type { OnAwsCall } from './data/aws-fault.ts';
import type { FaultSeams } from './fault-seams.ts';
import type { Deliver } from './data/pump/batch-delivery.ts';
import type { StreamRecord } from './data/pump/stream-record.ts';
import type { OnAsyncInvocation } from './functions/async-invocations.ts';
import type { OnSocketCall } from './websocket/management.ts';

/** Takes the place of the delivery of a batch; `deliver` is the delivery itself. */
export type DeliveryFault = (records: readonly StreamRecord[], deliver: Deliver) => Promise<unknown>;

/** The seams of a running stack. A fault is put in and taken out while it runs; without one, all passes. */
export class Seams {
  delivery: DeliveryFault | undefined;
  awsCall: OnAwsCall | undefined;
  /** What becomes of each call of a function that is about an open WebSocket. */
  socketCall: OnSocketCall | undefined;
  /** What becomes of each event with which a function invokes another, or itself, and does not wait. */
  asyncInvocation: OnAsyncInvocation | undefined;
  /** How far ahead the clock is by which the mapping judges the age of records, milliseconds. */
  mappingAheadMs = 0;
  /** Function → how far its clock is off, milliseconds; counts from the next start of its process. */
  readonly clockSkewMs = new Map<string, number>();

  /** What the stack is started with. */
  readonly options: FaultSeams = {
    wrapDeliver: (deliver) => (records) =>
      this.delivery === undefined ? deliver(records) : this.delivery(records, deliver),
    onAwsCall: (call) => this.awsCall?.(call),
    onSocketCall: (call) => this.socketCall?.(call),
    onAsyncInvocation: (invocation) => this.asyncInvocation?.(invocation),
    clockSkewMs: (functionName) => this.clockSkewMs.get(functionName) ?? 0,
    mappingNow: () => Date.now() + this.mappingAheadMs,
  };

  /** Takes all faults out. */
  heal(): void {
    this.delivery = undefined;
    this.awsCall = undefined;
    this.socketCall = undefined;
    this.asyncInvocation = undefined;
    this.mappingAheadMs = 0;
    this.clockSkewMs.clear();
  }
}
