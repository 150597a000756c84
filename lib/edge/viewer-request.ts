import { FunctionCode, FunctionRuntime, Function as ViewerFunction } from 'aws-cdk-lib/aws-cloudfront';
import type { FunctionUrlCorsOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { terminalMark } from '../../protocol/cursor.ts';
import { edgeTokenHeader, lastEventIdHeader } from '../../protocol/headers.ts';
import { paths } from '../../protocol/routes.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/** Gives the name of the header in which the functions of the stage find the token: one, so that no other counts. */
export function tokenHeader(config: StageConfig): string {
  return config.edge === 'on' ? edgeTokenHeader : 'authorization';
}

/** The paths of the stream, to which the edge sends what it does not answer itself. */
export const streamPaths = [paths.stream, `${paths.stream}/`] as const;

/**
 * What the function of the edge does with a request of a viewer.
 *
 * It answers 204 to an EventSource that comes back by itself after an end that wants no reconnect: the cursor in its
 * `Last-Event-ID` ends in `.end`, of several values the last one counts. The stream function would say the same, but an
 * empty answer of a function that streams is reported to hang until its time limit, and is billed. The answer has the
 * CORS headers that the stream's URL would give it, or a page of another origin would come back for ever.
 *
 * It moves `Authorization` into the header that the origins read, because CloudFront puts its own signature for the
 * Function URL into `Authorization`. What the viewer has put into that header itself is always gone. A repeated
 * `Authorization` stays repeated, so that the functions refuse it here as they do without the edge.
 * Source of the event's form: "CloudFront Functions event structure", Amazon CloudFront developer guide.
 */
function code(cors: FunctionUrlCorsOptions | undefined): string {
  return `var streamPaths = ${JSON.stringify(streamPaths)};
var allowedOrigins = ${JSON.stringify(cors?.allowedOrigins ?? [])};

function lastOf(header) {
  var texts = header.multiValue ? header.multiValue.map((each) => each.value) : [header.value];
  var values = texts.join(',').split(',').map((text) => text.trim()).filter((text) => text !== '');
  return values.length > 0 ? values[values.length - 1] : '';
}

function corsHeaders(origin) {
  if (!origin || allowedOrigins.indexOf(origin.value) === -1) return {};
  return {
    'access-control-allow-origin': { value: origin.value },${
      cors?.allowCredentials === true ? "\n    'access-control-allow-credentials': { value: 'true' }," : ''
    }
    vary: { value: 'Origin' },
  };
}

function handler(event) {
  var request = event.request;
  var headers = request.headers;
  var cursor = headers['${lastEventIdHeader}'];
  if (
    cursor &&
    request.method === 'GET' &&
    streamPaths.indexOf(request.uri) !== -1 &&
    lastOf(cursor).endsWith('${terminalMark}')
  ) {
    return {
      statusCode: 204,
      statusDescription: 'No Content',
      headers: Object.assign({ 'cache-control': { value: 'no-store' } }, corsHeaders(headers.origin)),
    };
  }
  delete headers['${edgeTokenHeader}'];
  if (headers.authorization) {
    headers['${edgeTokenHeader}'] = headers.authorization;
    delete headers.authorization;
  }
  return request;
}
`;
}

/**
 * Gives the CloudFront Function that every request to API, stream and WebSocket passes first, handshakes included.
 * @param cors that of the stream's URL, for what the edge answers in its place.
 */
export function viewerRequest(
  scope: Construct,
  id: string,
  cors: FunctionUrlCorsOptions | undefined,
): ViewerFunction {
  return new ViewerFunction(scope, id, {
    comment: 'Hands the token of the viewer to the origins, and sends home who must not come back.',
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(code(cors)),
  });
}
