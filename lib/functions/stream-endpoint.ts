import type { IOrigin, OriginProps } from 'aws-cdk-lib/aws-cloudfront';
import { Duration } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { HttpMethod } from 'aws-cdk-lib/aws-lambda';
import type { FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import { streamCorsRules } from '../../protocol/cors.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { Identity } from '../identity/identity.ts';
import type { StreamTables } from './subscriber-rights.ts';
import type { TaskSockets } from './web-socket-api.ts';

export interface StreamEndpointProps extends StreamTables {
  readonly config: StageConfig;
  readonly identity: Identity;
  readonly allowedOrigins: readonly string[];
  readonly sockets: TaskSockets;
}

/** What of an origin is for all hosts of streams alike. */
export type StreamOriginProps = Pick<OriginProps, 'connectionAttempts'> & {
  readonly readTimeout: Duration;
  readonly keepaliveTimeout: Duration;
};

/** Where streams are opened, whatever hosts them. The host verifies the token. */
export interface StreamEndpoint {
  /** Its address, with a slash at its end. */
  readonly address: string;
  readonly logGroup: ILogGroup;
  /** What it adds to answers to pages of other origins; undefined where none is allowed. */
  readonly cors: FunctionUrlCorsOptions | undefined;
  /** The origin of the edge, which alone may call it then. */
  origin(props: StreamOriginProps): IOrigin;
}

/** What a session may need after its planned end: a last frame, a slow reader, the removal of its item. */
const endSeconds = 30;

/** How long a request for a stream may take, seconds. */
export function requestSeconds({ sessionSeconds }: StageConfig): number {
  return sessionSeconds + endSeconds;
}

/** CORS for pages of these origins; undefined where there is none. */
export function corsFor(allowedOrigins: readonly string[]): FunctionUrlCorsOptions | undefined {
  if (allowedOrigins.length === 0) return undefined;
  return {
    allowedOrigins: [...allowedOrigins],
    // For `new EventSource(url, { withCredentials: true })`. There are no credentials here that a browser sends by itself.
    allowCredentials: true,
    // Preflights are answered for it; OPTIONS is not in the list of methods of a Function URL.
    allowedMethods: [HttpMethod.GET],
    allowedHeaders: [...streamCorsRules.requestHeaders],
    exposedHeaders: [...streamCorsRules.responseHeaders],
    maxAge: Duration.seconds(streamCorsRules.seconds),
  };
}
