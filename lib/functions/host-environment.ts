import { httpHostEnvironment, streamEnvironment } from '../../lambdas/stream/environment.ts';
import { mostStreams } from '../config/host-combinations.ts';
import { functionEnvironment } from './function-environment.ts';
import { powertools } from './service-function.ts';
import type { StreamEndpointProps } from './stream-endpoint.ts';
import { requestSeconds } from './stream-endpoint.ts';

/** What a platform gives the program that hosts many streams. */
export interface ProgramHost {
  /** Memory of a process, MB. */
  readonly megabytes: number;
  /** How long after SIGTERM it ends a process, seconds. */
  readonly stopSeconds: number;
  /** Where a process is to take requests, `host:port`; undefined where the platform says so itself. */
  readonly endpoint: string | undefined;
}

/**
 * The part of the memory that the old objects of JavaScript may take. Unless it is told, Node takes the half of it: then a
 * process would die before it has come to the mark above which it hands streams over (`lambdas/stream/serve.ts`). All else,
 * which is the program, young objects and what is on its way to clients, took up to 180 MB of 512 where 300 streams of
 * a task caught up (docs/decisions/0053-streams-catch-up-in-turns.md).
 */
const heapShare = 0.65;

/** The environment of the program that hosts many streams, whatever runs it. */
export function hostEnvironment(
  props: StreamEndpointProps,
  { megabytes, stopSeconds, endpoint }: ProgramHost,
): Record<string, string> {
  const { config, identity, tasksTable, eventsTable, connectionsTable, sockets, allowedOrigins } = props;
  return {
    NODE_OPTIONS: `--enable-source-maps --max-old-space-size=${Math.floor(heapShare * megabytes)}`,
    ...powertools('stream', config),
    ...functionEnvironment({ ...streamEnvironment, ...httpHostEnvironment }, config, {
      ...identity.environment,
      EVENTS_TABLE: eventsTable.tableName,
      CONNECTIONS_TABLE: connectionsTable.tableName,
      TASKS_TABLE: tasksTable.tableName,
      SOCKETS_ENDPOINT: sockets.endpoint,
      REQUEST_SECONDS: requestSeconds(config),
      STREAMS_PER_PROCESS: mostStreams(config),
      MEMORY_MEGABYTES: megabytes,
      STOP_SECONDS: stopSeconds,
      ALLOWED_ORIGINS: allowedOrigins.length === 0 ? undefined : allowedOrigins.join(','),
      HTTP_ENDPOINT: endpoint,
      AWS_LAMBDA_HTTP_ENDPOINT: undefined,
    }),
  };
}
