/** A route of an HTTP API. */
export interface Route<Target> {
  /** Such as `GET /tasks/{id}`, `ANY /{proxy+}` or `$default`. */
  readonly routeKey: string;
  readonly target: Target;
}

/** A route and the decoded values of its path variables. */
export interface RouteMatch<Target> {
  readonly route: Route<Target>;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request in API Gateway's order: a full match, then a greedy variable, then `$default`; with
 * equal paths the method itself goes before ANY, and literal segments before variables.
 * Source: "Create routes for HTTP APIs", routing API requests.
 * @param path as it was sent, still percent-encoded.
 * @returns undefined when no route matches; 'malformed' when a variable's encoding is broken.
 */
export function matchRoute<Target>(
  routes: ReadonlyArray<Route<Target>>,
  method: string,
  path: string,
): RouteMatch<Target> | 'malformed' | undefined {
  let best: { rank: string; route: Route<Target>; variables: Record<string, string> } | undefined;
  for (const route of routes) {
    const [routeMethod, routePath] = route.routeKey.split(' ');
    if (routePath === undefined || (routeMethod !== method && routeMethod !== 'ANY')) continue;
    const match = matchPath(routePath, path);
    if (match === undefined) continue;
    const rank = `${match.rank}${routeMethod === 'ANY' ? 0 : 1}`;
    if (best === undefined || rank > best.rank) best = { rank, route, variables: match.variables };
  }
  if (best === undefined) {
    const route = routes.find(({ routeKey }) => routeKey === '$default');
    return route === undefined ? undefined : { route, pathParameters: {} };
  }
  try {
    const decoded = Object.entries(best.variables).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { route: best.route, pathParameters: Object.fromEntries(decoded) as Record<string, string> };
  } catch {
    return 'malformed';
  }
}

/** The rank has a digit for each segment: 2 literal, 1 variable, 0 greedy; it sorts as text. */
function matchPath(
  routePath: string,
  path: string,
): { rank: string; variables: Record<string, string> } | undefined {
  const pattern = routePath.split('/');
  const segments = path.split('/');
  const variables: Record<string, string> = {};
  let rank = '';
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const variable = /^\{([^}+]+)(\+?)\}$/.exec(part);
    if (variable === null) {
      if (part !== segment) return undefined;
      rank += '2';
    } else if (variable[2] === '+') {
      variables[variable[1] ?? ''] = segments.slice(index).join('/');
      return { rank: `${rank}0`, variables };
    } else {
      if (segment === '') return undefined;
      variables[variable[1] ?? ''] = segment;
      rank += '1';
    }
  }
  return pattern.length === segments.length ? { rank, variables } : undefined;
}
