import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import type {
  Ended,
  GaugeObserver,
  Observer,
  OpenConnectionCount,
  Probe,
  ProbeFault,
  ProbeObserver,
  TransportName,
} from '../../../core/observer.ts';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import type { TokenError } from '../../../protocol/errors.ts';
import type { Resume } from '../../../protocol/frames.ts';
import type { MetricsRecorder } from './recorder.ts';
import { reportTrouble } from './trouble.ts';

export interface SignalObserverOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<MetricsRecorder, 'count' | 'countBy' | 'measure'>;
  /** Of how many connections and workspaces in a hundred the log tells each step. */
  readonly samplePercent: number;
}

/** Why a connection ended whose end nobody foresaw, as the metric has it. */
const failed = 'failed' satisfies Exclude<string, EndReason>;

/** Writes what happens into the function's log, and counts it. */
export class SignalObserver implements Observer, ProbeObserver, GaugeObserver {
  readonly #logger: SignalObserverOptions['logger'];
  readonly #metrics: SignalObserverOptions['metrics'];
  readonly #samplePercent: number;

  constructor({ logger, metrics, samplePercent }: SignalObserverOptions) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#samplePercent = samplePercent;
  }

  /** Always told: it is where the way of a write begins that its correlation id names. */
  written(workspace: string, task: number, version: number | undefined): void {
    this.#logger.info('task written', {
      workspace,
      task,
      ...(version === undefined ? { deleted: true } : { version }),
    });
  }

  opened(connection: string, transport: TransportName, follows: boolean): void {
    this.#metrics.count('Opened');
    if (follows) this.#metrics.count('Followed');
    this.#step('session opened', connection, { connection, transport });
  }

  resumed(connection: string, resume: Resume): void {
    this.#metrics.count(resume.complete ? 'ResumesComplete' : 'ResumesIncomplete');
    this.#step('session resumed', connection, { connection, ...resume });
  }

  caughtUp(connection: string, events: number, afterMs: number): void {
    this.#metrics.measure('CatchUpTime', afterMs);
    this.#metrics.measure('CatchUpEvents', events);
    this.#step('session caught up', connection, { connection, events, seconds: afterMs / 1000 });
  }

  told(ageMs: number | undefined): void {
    this.#metrics.count('Events');
    if (ageMs !== undefined) this.#metrics.measure('WriteToFrame', ageMs);
  }

  ended(connection: string, transport: TransportName, { reason, afterMs, unheardMs }: Ended): void {
    this.#metrics.countBy('Ended', reason ?? failed);
    if (unheardMs !== undefined) this.#metrics.measure('UnheardTime', unheardMs / 1000);
    this.#logger.info('session ended', {
      connection,
      transport,
      reason: reason ?? failed,
      seconds: afterMs / 1000,
      ...(unheardMs !== undefined && { unheardSeconds: unheardMs / 1000 }),
    });
  }

  polled(): void {
    this.#metrics.count('Polls');
  }

  appended(workspace: string, ages: readonly number[]): void {
    if (ages.length === 0) return;
    this.#metrics.measure('ChangesPerBatch', ages.length);
    for (const age of ages) this.#metrics.measure('WriteToLog', age);
    this.#step('changes appended', workspace, { workspace, changes: ages.length });
  }

  pushed(workspace: string, subscribers: number): void {
    this.#metrics.measure('SubscribersPerPush', subscribers);
    this.#step('changes pushed', workspace, { workspace, subscribers });
  }

  refusedToken(code: TokenError): void {
    this.#metrics.countBy('RefusedTokens', code);
  }

  probed({ writeToAnswerMs, writeToFrameMs, heldChunkMs }: Probe): void {
    this.#metrics.measure('CanaryWriteToAnswer', writeToAnswerMs);
    this.#metrics.measure('CanaryWriteToFrame', writeToFrameMs);
    this.#metrics.measure('CanaryHeldChunk', heldChunkMs);
    this.#logger.info('canary heard', { writeToAnswerMs, writeToFrameMs, heldChunkMs });
  }

  /** Not as trouble: what fails for the canary is told by its own alarm. */
  probeFailed(fault: ProbeFault, error: unknown): void {
    this.#metrics.countBy('CanaryFailed', fault);
    this.#logger.error('canary failed', { fault, error });
  }

  counted({ stream, socket }: OpenConnectionCount): void {
    this.#metrics.measure('OpenStreams', stream);
    this.#metrics.measure('OpenSockets', socket);
  }

  trouble(what: string, error: unknown, details?: Readonly<Record<string, unknown>>): void {
    reportTrouble(this.#logger, what, error, details);
  }

  /** Logs a step of what is told whole or not at all: the same connections and workspaces in all functions. */
  #step(message: string, of: string, facts: Readonly<Record<string, unknown>>): void {
    if (isSampled(of, this.#samplePercent)) this.#logger.info(message, facts);
  }
}

/** Whether a name is one of so many in a hundred; the same whoever asks. */
export function isSampled(name: string, percent: number): boolean {
  return createHash('sha1').update(name).digest().readUInt32BE(0) < (percent / 100) * 2 ** 32;
}
