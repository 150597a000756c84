import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { signInEnvironment } from '../../lambdas/signin/environment.ts';
import { functionEnvironment } from '../functions/function-environment.ts';
import { ServiceFunction } from '../functions/service-function.ts';
import type { StageConfig } from '../config/stage-schema.ts';

const path = '/sign-in';

/** Gives the address to which a user pool sends users back where the edge has no domain of its own. */
export function signInReturnUrl(api: HttpApi): string {
  return `${api.apiEndpoint}${path}`;
}

export interface SignInReturnProps {
  readonly config: StageConfig;
  readonly api: HttpApi;
  /** The page, with a slash at its end. */
  readonly pageUrl: string;
}

/**
 * Sends users who come back from the user pool on to the page.
 *
 * A client of a user pool lists the addresses to which it sends users back, and the distribution's own name cannot be
 * among them: the distribution has the stream's URL as an origin, the stream function has the id of the client as the
 * audience of its tokens, and so the client exists before the distribution does. The HTTP API exists before both: its
 * functions are attached to it by routes. It passes the answer on to one fixed address, and what it passes is of use
 * only to the page that began the sign-in.
 */
export class SignInReturn extends Construct {
  constructor(scope: Construct, id: string, { config, api, pageUrl }: SignInReturnProps) {
    super(scope, id);
    const service = new ServiceFunction(this, 'Return', {
      name: 'signin',
      description: 'Sends users who come back from the user pool on to the page.',
      config,
      timeoutSeconds: 5,
      reservedConcurrency: config.reservedConcurrency,
      environment: functionEnvironment(signInEnvironment, config, { PAGE_URL: pageUrl }),
    });
    api.addRoutes({
      path,
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('SignIn', service.function, { scopePermissionToRoute: false }),
    });
  }
}
