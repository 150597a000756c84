import path from 'node:path';
import { CommandError } from '../../commands/command-error.ts';
import type { EdgeSignature } from '../edge/signature.ts';
import type { FunctionOptions } from '../functions/functions.ts';
import { awsVariables, variablesOf } from '../functions/functions.ts';
import { createAccessKey } from '../iam/access-key.ts';
import type { StreamServers } from '../servers/stream-servers.ts';
import { localRegion } from '../template/stack-template.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { serveWebFunction } from './serve-web-function.ts';
import { WebFunction } from './web-function.ts';

interface RevisionProperties {
  readonly BuildConfig: {
    readonly CodeConfig: { readonly S3Object: { readonly Key: string } };
    readonly RuntimeConfig: { readonly Runtime: string };
  };
  readonly ServiceConfig: {
    readonly EnvironmentVariables?: Readonly<Record<string, unknown>>;
    readonly ExecutionRoleArn: string;
    readonly MaxConcurrencyPerEnvironment?: number;
    readonly TelemetryConfig?: { readonly LoggingConfig?: { readonly LogGroup?: string } };
    readonly TimeoutSeconds?: number;
  };
}

interface EndpointProperties {
  readonly AuthType: string;
  readonly EndpointName: string;
  readonly EndpointType: string;
  readonly ScalingConfig?: { readonly MaxEnvironments?: number };
}

/** Lambda's own. Source: "Scaling behavior for Lambda Web Functions" and "Request timeout", Lambda developer guide. */
const usual = { mostRequests: 64, timeoutSeconds: 30, entry: 'index.js' } as const;
/** Memory of an environment. Source: "Lambda quotas", Lambda developer guide. */
const memoryMegabytes = 2048;
/** Short name of the Web Function that a template has. */
export const webFunctionName = 'stream';
/** The variable that names the file of the program. */
const entryVariable = 'AWS_LAMBDA_NODEJS_ENTRYPOINT';

/**
 * Reads the template's Web Function.
 * @param signature that of the edge, if there is one.
 * @returns undefined where the template has none.
 * @throws {CommandError} for a form that the local stack does not serve.
 */
export function readWebFunction(
  options: FunctionOptions,
  signature: EdgeSignature | undefined,
): StreamServers<WebFunction> | undefined {
  const { template, awsEndpoint, onLog } = options;
  const revision = template.onlyOne('AWS::Lambda::WebFunctionRevision');
  const endpoint = template.onlyOne('AWS::Lambda::WebFunctionEndpoint');
  if (revision === undefined || endpoint === undefined) return undefined;
  const name = webFunctionName;
  const { BuildConfig, ServiceConfig } = revision.properties as unknown as RevisionProperties;
  const { AuthType, EndpointName, EndpointType, ScalingConfig } =
    endpoint.properties as unknown as EndpointProperties;
  if (BuildConfig.RuntimeConfig.Runtime !== 'nodejs24.x' || EndpointType !== 'HomeRegion')
    throw new CommandError('the local stack runs a Web Function of nodejs24.x in its home region only');
  const logGroup = ServiceConfig.TelemetryConfig?.LoggingConfig?.LogGroup ?? '';
  const accessKeyId = createAccessKey({ name, roleName: revisionRoleName(revision), logGroup }, options);
  const environment = variablesOf(ServiceConfig.EnvironmentVariables, options.environment);
  const directory = template.assetDirectory(BuildConfig.CodeConfig.S3Object.Key);
  const timeoutSeconds = options.timeoutSeconds[name] ?? ServiceConfig.TimeoutSeconds ?? usual.timeoutSeconds;
  const host = new WebFunction(
    {
      name,
      entry: path.join(directory, environment[entryVariable] ?? usual.entry),
      variables: awsVariables(environment, accessKeyId, awsEndpoint),
      timeoutSeconds,
      mostRequests: ServiceConfig.MaxConcurrencyPerEnvironment ?? usual.mostRequests,
      mostEnvironments: ScalingConfig?.MaxEnvironments,
      memoryMegabytes,
      endpointName: EndpointName,
      clockSkewMs: () => options.clockSkewMs?.(name) ?? 0,
    },
    onLog,
  );
  const admits = admission(template, AuthType, signature);
  return {
    name,
    host,
    environment,
    logGroup,
    domain: endpointDomain(template.physicalName(endpoint.logicalId)),
    serving: (traffic) => serveWebFunction({ function: host, admits }, traffic),
  };
}

/** The domain name of an endpoint, by its physical name. */
export function endpointDomain(physicalName: string): string {
  return `${physicalName}.lambda-web.${localRegion}.on.aws`;
}

/** The name of the role that a revision of a Web Function runs with. */
export function revisionRoleName({ properties }: Pick<ResolvedResource, 'properties'>): string {
  const { ServiceConfig } = properties as unknown as RevisionProperties;
  return ServiceConfig.ExecutionRoleArn.split('/').at(-1) ?? '';
}

/** With IAM the resource policy decides, which may let the edge in; else anybody. */
function admission(
  template: StackTemplate,
  authType: string,
  signature: EdgeSignature | undefined,
): (authorization: string | undefined) => boolean {
  if (authType === 'ApplicationManaged') return () => true;
  const policy = template.onlyOne('AWS::Lambda::ResourcePolicy');
  const statements = (policy?.properties['PolicyDocument'] as { Statement?: unknown } | undefined)?.Statement;
  const isLetIn =
    signature !== undefined &&
    [statements ?? []].flat().some((statement) => letsIn(statement as PolicyStatement, signature));
  return (authorization) => isLetIn && authorization === signature.authorization;
}

interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string;
  readonly Principal?: { readonly Service?: string };
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
}

/** Whether a statement lets the edge call the endpoint, in the one form that the stack has. */
function letsIn({ Effect, Action, Principal, Condition }: PolicyStatement, edge: EdgeSignature): boolean {
  return (
    Effect === 'Allow' &&
    Action === 'lambda:InvokeWebFunctionEndpoint' &&
    Principal?.Service === 'cloudfront.amazonaws.com' &&
    Condition?.StringEquals?.['aws:SourceArn'] === edge.distributionArn
  );
}
