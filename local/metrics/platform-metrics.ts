import type { ConsumedCapacity } from '../data/consumed-capacity.ts';
import type { InvocationObserver } from '../functions/invocation.ts';
import type { Metric, MetricStore } from './metric-store.ts';

/** What the parts of a stack tell of that AWS would count by itself. Names are physical ones. */
export interface PlatformObserver {
  /**
   * Gives what hears of the invocations of a function.
   * @param reserved how many of them are kept for it at the moment; undefined where none are.
   */
  readonly function: (functionName: string, reserved: () => number | undefined) => InvocationObserver;
  /** An event of an asynchronous invocation is given up. */
  readonly eventDropped: (functionName: string) => void;
  /** A mapping hands a batch to a function, whose last record is so old, milliseconds. */
  readonly batchSent: (functionName: string, ageMs: number) => void;
  /** A mapping has given records up, and they lie at its destination. */
  readonly recordsGivenUp: (mappingId: string, records: number) => void;
  /** A request has come to an HTTP API; gives what hears of the status that it is answered with. */
  readonly request: (apiId: string) => (status: number) => void;
  /** A message has come from or gone to a client of a WebSocket API. */
  readonly message: (apiId: string) => void;
  readonly consumed: (consumed: ConsumedCapacity) => void;
  /**
   * Gives what hears of the answers of a load balancer.
   * @param sample tells how the tasks are, each time that it is looked.
   */
  readonly service: (names: ServiceNames, sample: () => Promise<ServiceSample>) => OnAnswered;
}

/** The names that AWS's metrics have for a service of ECS and for what is before it. */
export interface ServiceNames {
  readonly cluster: string;
  readonly service: string;
  readonly balancer: string;
  readonly targetGroup: string;
}

/** How the tasks of a service are: how many take requests, and what they use of what they have on average, percent. */
export interface ServiceSample {
  readonly healthy: number;
  readonly processor: number;
  readonly memory: number;
}

/** A load balancer has answered: with what a task has said, or by itself. */
export type OnAnswered = (status: number, by: 'task' | 'balancer') => void;

/** All metrics of AWS that are sent, with their namespaces. */
export const platformMetricNames: ReadonlySet<string> = new Set([
  ...[
    'AsyncEventsDropped',
    'ClaimedAccountConcurrency',
    'ConcurrentExecutions',
    'Duration',
    'Errors',
    'Invocations',
    'IteratorAge',
    'OnFailureDestinationDeliveredEventCount',
    'Throttles',
  ].map((name) => `AWS/Lambda ${name}`),
  ...['Count', '4xx', '5xx', 'Latency', 'MessageCount'].map((name) => `AWS/ApiGateway ${name}`),
  ...['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'].map((name) => `AWS/DynamoDB ${name}`),
  ...['CPUUtilization', 'MemoryUtilization'].map((name) => `AWS/ECS ${name}`),
  ...['HealthyHostCount', 'HTTPCode_ELB_5XX_Count', 'HTTPCode_Target_5XX_Count'].map(
    (name) => `AWS/ApplicationELB ${name}`,
  ),
]);

interface ObservedFunction {
  readonly name: string;
  readonly reserved: () => number | undefined;
  running: number;
}

/**
 * Counts what AWS would count, as it would name it. Where a metric is there for each call, whether it applies or not, it is 0 or 1.
 * Sources: "Types of metrics for Lambda functions", Lambda developer guide; "Working with metrics for HTTP APIs" and "Monitor
 * WebSocket API execution with CloudWatch metrics", API Gateway developer guide; "DynamoDB metrics and dimensions"; "CloudWatch
 * metrics for your Application Load Balancer", its user guide; "Amazon ECS CloudWatch metrics", Amazon ECS developer guide.
 */
export class PlatformMetrics implements PlatformObserver {
  readonly #store: MetricStore;
  readonly #now: () => number;
  readonly #functions: ObservedFunction[] = [];
  readonly #services: (() => Promise<void>)[] = [];

  /** @param now epoch milliseconds: how long something takes. */
  constructor(store: MetricStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  function(functionName: string, reserved: () => number | undefined): InvocationObserver {
    const observed: ObservedFunction = { name: functionName, reserved, running: 0 };
    this.#functions.push(observed);
    return {
      began: () => {
        const began = this.#now();
        observed.running += 1;
        this.#lambda('Invocations', functionName, 1);
        this.#lambda('Throttles', functionName, 0);
        this.#noteRunning(observed);
        return (failed) => {
          observed.running -= 1;
          this.#lambda('Duration', functionName, this.#now() - began);
          // Of an error Lambda tells when the function was invoked, not when it failed.
          this.#store.recordAt(began, lambdaMetric('Errors', functionName), failed ? 1 : 0);
        };
      },
      throttled: () => this.#lambda('Throttles', functionName, 1),
    };
  }

  /**
   * Notes how many invocations run, which a stream that stays open says only once by itself, and how tasks are.
   * @returns when all is noted.
   */
  async sample(): Promise<void> {
    for (const observed of this.#functions) if (observed.running > 0) this.#noteRunning(observed);
    await Promise.all(this.#services.map((note) => note()));
  }

  service(
    { cluster, service, balancer, targetGroup }: ServiceNames,
    sample: () => Promise<ServiceSample>,
  ): OnAnswered {
    const ofService = { ClusterName: cluster, ServiceName: service };
    const ofTargets = { LoadBalancer: balancer, TargetGroup: targetGroup };
    const record = (namespace: string, name: string, dimensions: Metric['dimensions'], value: number): void =>
      this.#store.record({ namespace, name, dimensions }, value);
    this.#services.push(async () => {
      const { healthy, processor, memory } = await sample();
      record('AWS/ApplicationELB', 'HealthyHostCount', ofTargets, healthy);
      if (healthy === 0) return;
      record('AWS/ECS', 'CPUUtilization', ofService, processor);
      record('AWS/ECS', 'MemoryUtilization', ofService, memory);
    });
    return (status, by) => {
      if (status < 500) return;
      if (by === 'task') record('AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', ofTargets, 1);
      else record('AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', { LoadBalancer: balancer }, 1);
    };
  }

  eventDropped(functionName: string): void {
    this.#lambda('AsyncEventsDropped', functionName, 1);
  }

  batchSent(functionName: string, ageMs: number): void {
    this.#lambda('IteratorAge', functionName, Math.max(0, ageMs));
  }

  recordsGivenUp(mappingId: string, records: number): void {
    const dimensions = { EventSourceMappingUUID: mappingId };
    const name = 'OnFailureDestinationDeliveredEventCount';
    this.#store.record({ namespace: 'AWS/Lambda', name, dimensions }, records);
  }

  request(apiId: string): (status: number) => void {
    const began = this.#now();
    return (status) => {
      this.#gateway('Count', apiId, 1);
      this.#gateway('4xx', apiId, status >= 400 && status < 500 ? 1 : 0);
      this.#gateway('5xx', apiId, status >= 500 ? 1 : 0);
      this.#gateway('Latency', apiId, this.#now() - began);
    };
  }

  message(apiId: string): void {
    this.#gateway('MessageCount', apiId, 1);
  }

  consumed({ tableName, readUnits, writeUnits }: ConsumedCapacity): void {
    const units = { ConsumedReadCapacityUnits: readUnits, ConsumedWriteCapacityUnits: writeUnits };
    for (const [name, value] of Object.entries(units)) {
      if (value > 0)
        this.#store.record({ namespace: 'AWS/DynamoDB', name, dimensions: { TableName: tableName } }, value);
    }
  }

  /**
   * What is reserved is claimed, whether it runs or not. Source of the sum: "Monitoring concurrency", Lambda developer guide.
   */
  #noteRunning(observed: ObservedFunction): void {
    this.#lambda('ConcurrentExecutions', observed.name, observed.running);
    const claimed = this.#functions.reduce((sum, { reserved, running }) => sum + (reserved() ?? running), 0);
    this.#store.record(
      { namespace: 'AWS/Lambda', name: 'ClaimedAccountConcurrency', dimensions: {} },
      claimed,
    );
  }

  #lambda(name: string, functionName: string, value: number): void {
    this.#store.record(lambdaMetric(name, functionName), value);
  }

  #gateway(name: string, apiId: string, value: number): void {
    this.#store.record({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId: apiId } }, value);
  }
}

function lambdaMetric(name: string, functionName: string): Metric {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName } };
}
