import type { Serve } from '../gateway/serve.ts';
import { sendMessage } from '../gateway/function-response.ts';
import type { TrafficObserver } from '../gateway/traffic-log.ts';
import type { WebFunction } from './web-function.ts';

/** A Web Function and who may call it. */
interface AskedWebFunction {
  readonly function: Pick<WebFunction, 'serve'>;
  /** Whether a request with this `Authorization` header may call it. */
  readonly admits: (authorization: string | undefined) => boolean;
}

/** Gives what plays the endpoint of a Web Function. */
export function serveWebFunction(
  { function: web, admits }: AskedWebFunction,
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
