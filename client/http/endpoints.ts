import { paths } from '../../protocol/paths.ts';

/**
 * Where a deployment is: one address for everything, as the local stack and a stage with its edge have, or the outputs of
 * a stage without one, `ApiUrl`, `StreamUrl` and `WebSocketUrl`.
 */
export type DeploymentUrl =
  | string
  | URL
  | { readonly api: string | URL; readonly stream: string | URL; readonly webSocket?: string | URL };

/** The addresses of a deployment; the first two without a slash at the end. */
export interface Endpoints {
  readonly api: string;
  readonly stream: string;
  /** Where the WebSocket is opened, with its path; undefined where there is none. */
  readonly webSocket: string | undefined;
}

/**
 * Reads where a deployment is.
 * @param page address of the page, for addresses without an origin such as `/`; undefined outside a browser.
 * @throws {TypeError} when an address is none.
 */
export function endpointsOf(url: DeploymentUrl, page: string | undefined): Endpoints {
  const read = (text: string | URL): string => {
    const address = URL.canParse(text, page) ? new URL(text, page).href : '';
    if (!/^(http|ws)s?:/.test(address)) throw new TypeError(`"${text}" is no address of a deployment.`);
    return address.replace(/\/$/, '');
  };
  if (typeof url === 'string' || url instanceof URL) {
    const all = read(url);
    return { api: all, stream: all, webSocket: `${all.replace(/^http/, 'ws')}${paths.webSocket}` };
  }
  const { api, stream, webSocket } = url;
  return {
    api: read(api),
    stream: read(stream),
    webSocket: webSocket === undefined ? undefined : read(webSocket).replace(/^http/, 'ws'),
  };
}
