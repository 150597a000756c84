import type { AwsCall, OnAwsCall } from '../../local/data/aws-fault.ts';
import type { FaultSeams } from '../../local/fault-seams.ts';
import type { Deliver } from '../../local/data/pump/batch-delivery.ts';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';
import type { OnAsyncInvocation } from '../../local/functions/async-invocations.ts';
import type { OnSocketCall } from '../../local/websocket/management.ts';

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

/** The workspace that a stream record is of; bookkeeping items have partitions of their own. */
export function workspaceOfRecord({ dynamodb }: StreamRecord): string {
  return (dynamodb.Keys['workspace'] as { readonly S: string }).S;
}

/** The item that a stream record is of, as text. */
export function itemOfRecord({ dynamodb }: StreamRecord): string {
  const { workspace, id } = dynamodb.Keys;
  return JSON.stringify([workspace, id]);
}

/** What else is kept of a workspace: who is pushed to there, who is there, what is said of users, and who types. */
const partitions = ['', '#push', '#presence', '#said', '#typing'] as const;

/** Whether a call names a workspace or what else is kept of it: as a key, in an item or as a value of a condition. */
export function namesWorkspace({ input }: AwsCall, workspace: string): boolean {
  const text = JSON.stringify(input);
  return partitions.some((partition) => text.includes(`{"S":"${workspace}${partition}"}`));
}
