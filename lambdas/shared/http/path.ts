import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What of an event tells the path. */
type RoutedEvent = Pick<APIGatewayProxyEventV2, 'rawPath'> & {
  readonly requestContext: Pick<APIGatewayProxyEventV2['requestContext'], 'stage'>;
};

/**
 * The path of a request as PROTOCOL.md knows it: without the slash at its end that every route may have, and without the
 * name of the API's stage, which API Gateway puts before the path unless it is `$default`.
 * Source: "Payload format version", API Gateway developer guide; aws-powertools/powertools-lambda-python, issue 621.
 */
export function pathOf({ rawPath, requestContext: { stage } }: RoutedEvent): string {
  const prefix = `/${stage}/`;
  const path =
    stage !== '$default' && rawPath.startsWith(prefix) ? rawPath.slice(prefix.length - 1) : rawPath;
  return withoutSlash(path);
}

/** A path without the slash at its end that every route may have. */
export function withoutSlash(path: string): string {
  return /[^/]\/$/.test(path) ? path.slice(0, -1) : path;
}
