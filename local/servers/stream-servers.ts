import type { HostProcess } from '../functions/host-process.ts';
import type { Serve } from '../gateway/serve.ts';
import type { TrafficObserver } from '../gateway/traffic-log.ts';

/** What runs servers of the stack, and ends them for good. */
export interface ServerHost extends HostProcess {
  readonly close: () => Promise<void>;
}

/** What hosts the streams of a template in servers, and not in a function. */
export interface StreamServers<Host extends ServerHost = ServerHost> {
  /** Short name, for logs and rights. */
  readonly name: string;
  readonly host: Host;
  readonly logGroup: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The domain name that AWS would give it. */
  readonly domain: string;
  /** Gives what answers there. */
  readonly serving: (traffic: Pick<TrafficObserver, 'stream'> | undefined) => Serve;
}
