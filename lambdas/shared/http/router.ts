import httpRouter from '@middy/http-router';
import type { Method, Routes } from '../../../protocol/routes.ts';
import { Refusal } from '../../../core/refusal.ts';
import type { Answer } from './answer.ts';
import type { AuthenticatedEvent } from './middleware.ts';

type Handler = (event: AuthenticatedEvent) => Promise<Answer>;

/** A handler for each method of each path. */
type Handlers<Served extends Routes> = {
  readonly [Path in keyof Served]: Readonly<
    Record<Extract<Served[Path], readonly Method[]>[number], Handler>
  >;
};

/**
 * Hands each request to the handler of its route.
 * @returns a handler that throws {Refusal} `method_not_allowed` for a path that is known, `not_found` for any other.
 */
export function routerOf<Served extends Routes>(
  served: Served,
  handlers: Handlers<Served>,
): ReturnType<typeof httpRouter<AuthenticatedEvent, Answer>> {
  const routes = Object.entries<Readonly<Partial<Record<Method, Handler>>>>(handlers).flatMap(
    ([path, byMethod]) =>
      Object.entries(byMethod).map(([method, handler]) => ({ method: method as Method, path, handler })),
  );
  const known = Object.entries(served).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    methods,
  }));
  const notFoundResponse = ({ method, path }: { method: string; path: string }): never => {
    const methods = known.find(({ pattern }) => pattern.test(path))?.methods;
    if (methods === undefined) {
      const message =
        'there is nothing at this path: the API is /tasks, /tasks/{id}, /events, /presence and what is under /sse';
      throw new Refusal('not_found', message);
    }
    const message = `${method} does not work here: use ${methods.join(', ')}`;
    throw new Refusal('method_not_allowed', message, { methods });
  };
  return httpRouter({ routes, notFoundResponse });
}
