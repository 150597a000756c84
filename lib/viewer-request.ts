import { FunctionCode, FunctionRuntime, Function as ViewerFunction } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import type { StageConfig } from './stage-config.ts';

/** The header in which the edge hands the viewer's token to the origins. */
export const edgeTokenHeader = 'x-taskwire-authorization';

/** Gives the name of the header in which the functions of the stage find the token: one, so that no other counts. */
export function tokenHeader(config: StageConfig): string {
  return config.edge === 'on' ? edgeTokenHeader : 'authorization';
}

/**
 * Moves `Authorization` into the header that the origins read, because CloudFront puts its own signature for the
 * Function URL into `Authorization`. What the viewer has put into that header itself is always gone. A repeated
 * `Authorization` stays repeated, so that the functions refuse it here as they do without the edge.
 */
const code = `function handler(event) {
  var headers = event.request.headers;
  delete headers['${edgeTokenHeader}'];
  if (headers.authorization) {
    headers['${edgeTokenHeader}'] = headers.authorization;
    delete headers.authorization;
  }
  return event.request;
}
`;

/** Gives the CloudFront Function that every request to the API and the stream passes first. */
export function viewerRequest(scope: Construct, id: string): ViewerFunction {
  return new ViewerFunction(scope, id, {
    comment: 'Hands the token of the viewer to the origins.',
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(code),
  });
}
