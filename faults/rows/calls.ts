import type { AwsCall, AwsFault } from '../../local/data/aws-fault.ts';
import type { Injection } from '../matrix/row.ts';

/** Which calls of functions to DynamoDB get a fault; all that is left out does not matter. */
export interface ChosenCalls {
  readonly functions?: readonly string[];
  readonly operations?: readonly string[];
  /** `tasks`, `events` or `connections`. */
  readonly table?: string;
  /** An index of the table; the table itself, when it is left out. */
  readonly index?: string;
  /** Default 1. */
  readonly probability?: number;
}

/** Gives the chosen calls that are about the row's boards a fault. */
export function injectCalls(
  injection: Injection,
  { functions, operations, table, index, probability = 1 }: ChosenCalls,
  fault: (call: AwsCall) => AwsFault,
): void {
  const { random, seams, stack } = injection;
  const ofTable = table === undefined ? '' : `/${stack.table(table)}`;
  const suffix = index === undefined ? ofTable : `${ofTable}/index/${index}`;
  seams.awsCall = (call) => {
    const isChosen =
      (functions?.includes(call.functionName) ?? true) &&
      (operations?.includes(call.operation) ?? true) &&
      call.tables.some((arn) => arn.endsWith(suffix)) &&
      injection.isOurs(call) &&
      random.chance(probability);
    if (!isChosen) return undefined;
    injection.inject();
    return fault(call);
  };
}
