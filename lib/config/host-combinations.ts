import type { StageConfig } from './stage-schema.ts';

/** What an environment takes at most. Source: "Scaling behavior for Lambda Web Functions", Lambda developer guide. */
const streamsPerEnvironment = 128;

/** How many streams a container has for each MB of its memory, unless a stage says otherwise. */
const streamsPerMegabyte = 2;

/** The settings that say how many streams a process has. */
type HostSettings = Pick<StageConfig, 'streamHost' | 'streamsPerProcess' | 'taskMegabytes'>;

/** The most streams in one process of the host of a stage. */
export function mostStreams({ streamHost, streamsPerProcess, taskMegabytes }: HostSettings): number {
  if (streamHost === 'function') return 1;
  const usual = streamHost === 'container' ? streamsPerMegabyte * taskMegabytes : streamsPerEnvironment;
  return streamsPerProcess ?? usual;
}

/** The part of the streams that a container may have which it has on average: those of one that goes find room in the others. */
const usualShare = 0.5;

/** How many streams a container has on average, which its service is scaled by. */
export function usualStreams(config: HostSettings): number {
  return Math.ceil(usualShare * mostStreams(config));
}

/** Memory for a quarter of a processor, MB; with twice as much comes twice the processor. */
const megabytesPerQuarter = 512;

/** The processors of a container. */
export function taskProcessors({ taskMegabytes }: Pick<StageConfig, 'taskMegabytes'>): number {
  return (0.25 * taskMegabytes) / megabytesPerQuarter;
}

/** What the hosts of streams need. */
export function checkHost(config: StageConfig): string | undefined {
  const {
    streamHost,
    streamsPerProcess = 1,
    edge,
    metrics,
    streamConcurrency,
    leastTasks,
    mostTasks,
  } = config;
  if (streamHost === 'web-function' && streamsPerProcess > streamsPerEnvironment)
    return `streamsPerProcess is above ${streamsPerEnvironment}, more than an environment of a Web Function takes; lower it`;
  if (streamHost !== 'container') return undefined;
  if (edge === 'off')
    return 'streamHost "container" needs the edge, which alone reaches the load balancer; set edge to "on" or take another host';
  if (metrics === 'off')
    return 'streamHost "container" needs metrics, by one of which its tasks are scaled; set metrics to "on" or take another host';
  if (streamConcurrency !== undefined)
    return 'streamConcurrency bounds functions; remove it, for with streamHost "container" mostTasks is the bound';
  if (leastTasks > mostTasks) return 'leastTasks is above mostTasks; lower it or raise mostTasks';
  return undefined;
}
