import { mostStreams, taskProcessors, usualStreams } from '../lib/config/host-combinations.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import { quotas } from './quotas.ts';

/** What hosts streams, and what bounds it besides its tables. */
export interface ScaleHost {
  readonly name: string;
  /** The setting `streamHost`. */
  readonly kind: 'function' | 'web-function' | 'container';
  /** How many streams a process has, and how many it may have. */
  readonly streamsPerProcess: number;
  readonly placesPerProcess: number;
  /** How many processes there are at the least, whatever the number of streams, and what processors each takes. */
  readonly leastProcesses: number;
  readonly processors: number;
  /** Whether a process hears that a client has left; else its stream goes on, in its place, until its session ends. */
  readonly hearsLeaving: boolean;
  /**
   * What becomes of a request for which there is no place: a status that ends an EventSource, a place in a queue, or an
   * answer after which an EventSource comes back.
   */
  readonly whenFull: 'status' | 'queue' | 'retry';
  /** How many processes there can be more at once, and then in each second. */
  readonly growth: { readonly burst: number; readonly perSecond: number };
  /** Requests a second above which the platform answers with a status that ends an EventSource. */
  readonly requestsPerSecond: number;
}

/**
 * What both hosts of Lambda have in common. How fast a Web Function gets more environments, and whether one hears that a
 * client has left, is not documented: it is taken to grow as functions do, and not to hear.
 * Source: "Lambda scaling behavior", Lambda developer guide.
 */
const lambda = { leastProcesses: 0, hearsLeaving: false, growth: { burst: 1000, perSecond: 100 } } as const;

/** Lambda gives a processor for so many MB. Source: "Configure Lambda function memory", Lambda developer guide. */
const megabytesOfProcessor = 1769;

/** An environment of Lambda for each stream. */
export function functionHost(memoryMegabytes: number): ScaleHost {
  return {
    ...lambda,
    name: 'function',
    kind: 'function',
    streamsPerProcess: 1,
    placesPerProcess: 1,
    whenFull: 'status',
    requestsPerSecond: Infinity,
    processors: memoryMegabytes / megabytesOfProcessor,
  };
}

/** A Web Function. Source: "Scaling behavior for Lambda Web Functions", Lambda developer guide. */
export function webFunctionHost(streamsPerProcess: number): ScaleHost {
  return {
    ...lambda,
    name: `web-function ${streamsPerProcess}`,
    kind: 'web-function',
    streamsPerProcess,
    placesPerProcess: streamsPerProcess,
    whenFull: 'queue',
    requestsPerSecond: quotas.webRequests.amount,
    processors: 1,
  };
}

/** Tasks of Fargate behind a load balancer, as a stage sizes them. Another one takes minutes to start: longer than a storm. */
export function containerHost(stage: StageConfig): ScaleHost {
  const settings = { ...stage, streamHost: 'container' } as const;
  return {
    name: 'container',
    kind: 'container',
    streamsPerProcess: usualStreams(settings),
    placesPerProcess: mostStreams(settings),
    leastProcesses: stage.leastTasks,
    hearsLeaving: true,
    whenFull: 'retry',
    growth: { burst: 0, perSecond: 0 },
    requestsPerSecond: Infinity,
    processors: taskProcessors(stage),
  };
}
