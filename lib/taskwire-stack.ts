import { Annotations, DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Monitoring } from './operations/monitoring.ts';
import type { CanaryProps } from './functions/canary.ts';
import { Canary } from './functions/canary.ts';
import { concurrencyNote } from './functions/concurrency-note.ts';
import { ContainerStreams } from './containers/container-streams.ts';
import { ConnectionsTable } from './data/connections-table.ts';
import type { EdgeProps } from './edge/edge.ts';
import { Edge } from './edge/edge.ts';
import { EventsTable } from './data/events-table.ts';
import { FanOut } from './functions/fan-out.ts';
import type { GaugeProps } from './functions/gauge.ts';
import { Gauge } from './functions/gauge.ts';
import { Identity } from './identity/identity.ts';
import { localAddress } from './identity/local-address.ts';
import { zoneCount } from './containers/stream-network.ts';
import type { StageConfig } from './config/stage-schema.ts';
import { Push } from './functions/push.ts';
import type { StreamEndpoint, StreamEndpointProps } from './functions/stream-endpoint.ts';
import { StreamUrl } from './functions/stream-url.ts';
import { WebFunctionStreams } from './functions/web-function-streams.ts';
import { TasksApi } from './functions/tasks-api.ts';
import { TasksTable } from './data/tasks-table.ts';
import { TaskSockets } from './functions/web-socket-api.ts';

/** One stage of Taskwire, in the order that data flows: tasks, their log, the streams, the edge. */
export class TaskwireStack extends Stack {
  constructor(scope: Construct, id: string, config: StageConfig) {
    const isLocal = config.name === 'local';
    const { account, region } = config;
    super(scope, id, {
      // The local stage is never deployed, and its emulation answers for whatever region it is asked.
      ...(!isLocal && { env: { region, ...(account !== undefined && { account }) } }),
      terminationProtection: config.deletionProtection,
      description: `Taskwire (${config.name}): real-time task events over Server-Sent Events and WebSockets.`,
      // No resource that reports the versions in use: the template holds what runs and nothing else.
      analyticsReporting: false,
      // The local stage is never deployed, so it asks for no bootstrapped account.
      // @ts-expect-error The class gives its optional members as possibly undefined, not as possibly absent.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: !isLocal }),
    });
    if (!isLocal) Annotations.of(this).addInfo(concurrencyNote(config));
    const address = isLocal ? localAddress(this) : undefined;
    const allowedOrigins = [...(address?.origins ?? []), ...config.allowedOrigins];

    const identity = new Identity(this, 'Identity', config, address);
    const { table: tasksTable } = new TasksTable(this, 'TasksTable', config);
    const { table: eventsTable } = new EventsTable(this, 'EventsTable', config);
    const { table: connectionsTable } = new ConnectionsTable(this, 'ConnectionsTable', config);

    const tables = { tasksTable, eventsTable, connectionsTable };
    const sockets = new TaskSockets(this, 'Sockets', config);
    const push = new Push(this, 'Push', { config, eventsTable, connectionsTable, sockets });
    const socketFunction = sockets.addAnswers({ config, identity, pushFunction: push.function, ...tables });
    const opened = { config, identity, allowedOrigins, ...tables, sockets };
    const { api, edgePath, functions } = new TasksApi(this, 'Api', { ...opened, push });
    const stream = addStreams(this, opened);
    const fanOut = new FanOut(this, 'FanOut', { config, tasksTable, eventsTable, connectionsTable, push });
    const edge = addEdge(this, { config, identity, api, apiPath: edgePath, stream, sockets });
    // The local stack has one address for everything, with the edge or without.
    const oneUrl = address?.origins[0] ?? edge?.url;
    const clientUrls = { apiUrl: oneUrl ?? api.apiEndpoint, streamUrl: oneUrl ?? stream.address };
    const canary = addCanary(this, { config, identity, ...clientUrls });
    const gauge = addGauge(this, { config, connectionsTable });
    if (config.monitoring === 'on')
      new Monitoring(this, 'Monitoring', {
        config,
        api,
        apiFunctions: functions,
        fanOut,
        stream: stream instanceof StreamUrl ? stream.function : undefined,
        tasks: stream instanceof ContainerStreams ? stream : undefined,
        streamLogs: stream.logGroup,
        sockets: socketFunction,
        socketApiId: sockets.api.apiId,
        push: push.function,
        canary,
        gauge,
        tables,
      });
  }

  /** Those that the account has, which the deploy finds out: to look them up, a synth would need the account. */
  override get availabilityZones(): string[] {
    return Array.from({ length: zoneCount }, (_, index) => Fn.select(index, Fn.getAzs()));
  }
}

/** Adds what hosts the streams. Each has another id: the host before goes on until a stage has gone over to the next one. */
function addStreams(stack: Stack, props: StreamEndpointProps): StreamEndpoint {
  const { streamHost } = props.config;
  if (streamHost === 'function') return new StreamUrl(stack, 'StreamUrl', props);
  if (streamHost === 'web-function') return new WebFunctionStreams(stack, 'StreamHost', props);
  return new ContainerStreams(stack, 'StreamTasks', props);
}

/** Adds the edge, where the stage has one. */
function addEdge(stack: Stack, props: EdgeProps): Edge | undefined {
  return props.config.edge === 'on' ? new Edge(stack, 'Edge', props) : undefined;
}

/** Adds the canary, where the stage has one. */
function addCanary(stack: Stack, props: Omit<CanaryProps, 'everyMinutes'>): Function | undefined {
  const { canaryMinutes: everyMinutes } = props.config;
  if (everyMinutes === undefined) return undefined;
  return new Canary(stack, 'Canary', { ...props, everyMinutes }).function;
}

/** Adds the gauge, where the stage has one: what it counts is told by metrics alone. */
function addGauge(stack: Stack, props: GaugeProps): Function | undefined {
  const { gaugeMinutes, metrics } = props.config;
  if (gaugeMinutes === 0 || metrics === 'off') return undefined;
  return new Gauge(stack, 'Gauge', props).function;
}
