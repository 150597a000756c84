import type { StreamHost } from '../local/template/synthesize.ts';

/** What the load process is told. */
export interface LoadPlan {
  readonly port: number;
  /** One token for each stream. */
  readonly streamTokens: readonly string[];
  readonly writerToken: string;
  /** One token for each stream of other workspaces, which is told of nothing. */
  readonly heldTokens: readonly string[];
  /** Writes a second. */
  readonly rate: number;
  /** Length of the measured phase, and of the one before it that is not measured, seconds. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Quantiles of a latency, milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the load process has seen in the measured phase. */
export interface LoadReport {
  /** Writes that were accepted. */
  readonly writes: number;
  readonly failedWrites: number;
  /** Frames of changes that the streams received. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Over all streams: changes that did not come, that came again, that came in another order than to the others. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Streams that ended before they should. */
  readonly endedStreams: number;
  /** Of the streams of other workspaces, how many ended, and how many events came to them. */
  readonly heldEnded: number;
  readonly heldEvents: number;
  /** From the time at which the POST was due to its frame, over all frames of all streams. */
  readonly delivery: Latency;
  /** From the time at which the POST was due to its answer. */
  readonly answer: Latency;
}

/** What came of it that all streams were cut at once, and all came back at once. */
export interface ResumeReport {
  /** Until each had what was written meanwhile. */
  readonly seconds: number;
  /** Streams that were not let in. */
  readonly refused: number;
  readonly lost: number;
  readonly doubled: number;
}

/** Capacity units of one function, for each change. */
export interface UnitsPerChange {
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** Memory after a garbage collection, bytes: what the system has given, and what is in use of a heap of JavaScript, where that is known. */
export interface Memory {
  readonly resident: number;
  readonly heap?: number;
}

/** Memory of a process along a scenario. */
export interface MemoryPoints {
  readonly withoutStreams: Memory;
  readonly connected: Memory;
  readonly afterLoad: Memory;
}

/** How a process spent the measured phase: processor seconds for each second. */
export type ProcessorShares = Readonly<Record<string, number>>;

/** What serves the streams: this project, with one of its hosts, or something else that does the same. */
export const peers = ['better-sse', 'durable-object'] as const;
export type SubjectName = StreamHost | (typeof peers)[number];

export function isPeer(subject: SubjectName): subject is (typeof peers)[number] {
  return peers.some((each) => each === subject);
}

/** What was measured of one subject at one number of streams. */
export interface ScenarioResult {
  readonly subject: SubjectName;
  readonly streams: number;
  /** Streams of other workspaces besides. */
  readonly held: number;
  /** Writes a second. */
  readonly rate: number;
  /** Until all streams had their first frame, those of other workspaces too. */
  readonly connectSeconds: number;
  readonly resume: ResumeReport;
  readonly load: LoadReport;
  /** Function → units. */
  readonly capacity: Readonly<Record<string, UnitsPerChange>>;
  /**
   * By process: `stream` hosts the streams, `front` stands for API Gateway, Lambda's front end and the pollers; `server` is all
   * of a peer.
   */
  readonly memory: Readonly<Record<string, MemoryPoints>>;
  readonly processors: ProcessorShares;
}

/** What streams took that were open for a while and told of nothing. */
export interface IdleResult {
  readonly host: StreamHost;
  readonly streams: number;
  readonly seconds: number;
  /** Of the host, at the end. */
  readonly processes: number;
  /** Of all its processes together: time of a processor, and memory on average. */
  readonly processorSeconds: number;
  readonly residentBytes: number;
  /** Read and write units of the host. */
  readonly readUnits: number;
  readonly writeUnits: number;
  /** How often a stream was opened meanwhile, and what came to the clients. */
  readonly connects: number;
  readonly bytes: number;
}

/** A function as a deploy would upload it. */
export interface BundleResult {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Median time to import the module in a fresh process, milliseconds. */
  readonly initMs: number;
}

/** What is needed to load a function's module outside the stack. */
export interface DeployedFunction {
  readonly name: string;
  readonly bundleDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** All that one run of the benchmark has measured. */
export interface BenchResult {
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly rate: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Variables of the functions that were other than the template's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bundles: readonly BundleResult[];
  readonly scenarios: readonly ScenarioResult[];
  readonly idle?: readonly IdleResult[];
  /** Those with streams of other workspaces besides; measured apart. */
  readonly held?: readonly ScenarioResult[];
}
