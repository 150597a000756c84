import type { Serve } from '../gateway/serve.ts';
import { sendMessage } from '../gateway/function-response.ts';
import type { TrafficObserver } from '../gateway/traffic-log.ts';
import type { LocalWebFunction } from './read-web-function.ts';

/** Gives what plays the endpoint of a Web Function. */
export function serveWebFunction(
  { function: web, admits }: Pick<LocalWebFunction, 'function' | 'admits'>,
  traffic: Pick<TrafficObserver, 'stream'> | undefined,
): Serve {
  return async (request, response) => {
    if (!admits(request.headers.authorization)) {
      request.resume();
      sendMessage(response, 403, 'Forbidden', {});
      return;
    }
    await web.serve(request, response, traffic?.stream(request, response));
  };
}
