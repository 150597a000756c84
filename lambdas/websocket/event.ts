import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';

type Values = Readonly<Record<string, string[] | undefined>>;

/** What API Gateway invokes the function with. The request that opens a connection is in the event of `$connect` only. */
export interface SocketEvent extends APIGatewayProxyWebsocketEventV2 {
  readonly multiValueHeaders?: Values;
  readonly multiValueQueryStringParameters?: Values;
}

/**
 * The value of a header; one that came more than once as one text with commas, so that no token in it is a good one.
 * API Gateway hands on names as they were sent.
 * Source: "Set up a $connect route that requires a WebSocket subprotocol", API Gateway developer guide.
 * @param name in lower case.
 */
export function headerOf({ multiValueHeaders = {} }: SocketEvent, name: string): string | undefined {
  const values = Object.entries(multiValueHeaders)
    .filter(([sent]) => sent.toLowerCase() === name)
    .flatMap(([, each = []]) => each);
  return values.length > 0 ? values.join(',') : undefined;
}

/** The value of a parameter of the query; one that came more than once as one text with commas. */
export function parameterOf(
  { multiValueQueryStringParameters: parameters }: SocketEvent,
  name: string,
): string | undefined {
  const values = parameters && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return values?.join(',');
}
