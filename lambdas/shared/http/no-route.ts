import { HttpError } from './answer.ts';

/** A request that no route takes. */
interface Unrouted {
  readonly method: string;
  readonly path: string;
}

/**
 * Refuses what no route takes.
 * @param methods path of a route, such as `/tasks/{id}` → the methods that it takes, as `Allow` lists them.
 * @returns a function that throws {HttpError} 405 for a path that is known, 404 for any other.
 */
export function answerNoRoute(methods: Readonly<Record<string, string>>): (request: Unrouted) => never {
  const routes = Object.entries(methods).map(([path, allow]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    allow,
  }));
  return ({ method, path }) => {
    const allow = routes.find(({ pattern }) => pattern.test(path))?.allow;
    if (allow === undefined) {
      throw new HttpError(
        404,
        'not_found',
        'there is nothing at this path: the API is /tasks, /tasks/{id} and what is under /sse',
      );
    }
    throw new HttpError(405, 'method_not_allowed', `${method} does not work here: use ${allow}`, { allow });
  };
}
