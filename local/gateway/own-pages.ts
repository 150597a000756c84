import type { IncomingMessage } from 'node:http';

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Makes the question whether a request comes from a tool of this machine or from a page of this port, and not from a page of
 * another site: neither by its own address nor by a name of its own that leads here.
 * @param port of the front door.
 */
export function ownPages(port: number): {
  readonly isOurs: (request: IncomingMessage) => boolean;
  /** Such as `localhost:8788`. */
  readonly hosts: ReadonlySet<string>;
} {
  const hosts = new Set(loopbackHosts.map((host) => `${host}:${port}`));
  if (port === 80) for (const host of loopbackHosts) hosts.add(host);
  return {
    hosts,
    isOurs: ({ headers: { host, origin } }) => {
      const isOurPage = origin === undefined || (URL.canParse(origin) && hosts.has(new URL(origin).host));
      return host !== undefined && hosts.has(host) && isOurPage;
    },
  };
}
