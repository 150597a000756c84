import type { MemoryReport } from '../functions/runtime/channel.ts';
import type { ServerQuestion, ServerReport } from './runtime/report.ts';
import type { ServerProcess } from './server-process.ts';

/** Some processes with servers that are alike, as whoever watches them sees them. */
export abstract class ServerPool {
  /** Those that are there. */
  protected abstract get servers(): readonly ServerProcess[];

  /** As `HostProcess` has it. */
  abstract start(): Promise<void>;

  get pids(): readonly number[] {
    return this.servers.flatMap(({ pid }) => pid ?? []);
  }

  async blocked(): Promise<number> {
    return (await this.#report('connections')).blocked;
  }

  async memory(): Promise<MemoryReport> {
    return this.#report('memory');
  }

  /** What the servers together have to report. */
  async #report(question: ServerQuestion): Promise<ServerReport> {
    await this.start();
    const reports = await Promise.all(this.servers.map((server) => server.report(question)));
    const sum = (of: keyof ServerReport): number => reports.reduce((total, report) => total + report[of], 0);
    return {
      rss: sum('rss'),
      heapUsed: sum('heapUsed'),
      external: sum('external'),
      processorMs: sum('processorMs'),
      blocked: sum('blocked'),
    };
  }
}
