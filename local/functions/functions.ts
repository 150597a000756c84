import type { AccessControl } from '../iam/access-control.ts';
import { createAccessKey, logStream } from '../iam/access-key.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import { FunctionProcess } from './function-process.ts';
import type { LogLine } from './function-process.ts';
import { CommandError } from '../../commands/command-error.ts';
import { functionArn, localRegion } from '../template/stack-template.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { withLocalApis } from '../websocket/socket-address.ts';

interface FunctionProperties {
  readonly Code: { readonly S3Key?: string };
  readonly Handler: string;
  readonly Role: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly ReservedConcurrentExecutions?: number;
  readonly LoggingConfig?: { readonly LogFormat?: string; readonly LogGroup?: string };
  readonly Environment?: { readonly Variables?: Readonly<Record<string, unknown>> };
}

/** A function of the running stack. */
export interface LocalFunction {
  readonly logicalId: string;
  /** Short name: the construct's id, such as `tasks`. */
  readonly name: string;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly process: FunctionProcess;
}

/** What the functions are made with. */
export interface FunctionOptions {
  readonly template: StackTemplate;
  readonly access: AccessControl;
  /** What the functions know as AWS. */
  readonly awsEndpoint: string;
  /** Values that replace variables of the template, in every function that declares them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLog: (line: LogLine) => void;
  /** How far the clock of a function is off, milliseconds. */
  readonly clockSkewMs?: ((functionName: string) => number) | undefined;
  /** Function → a time limit other than the template's, seconds. */
  readonly timeoutSeconds: Readonly<Record<string, number>>;
  /** How many invocations of a function may run at a time, other than the template says; undefined for what it says. */
  readonly reservedConcurrency?: ((functionName: string) => number | undefined) | undefined;
  readonly platform: Pick<PlatformObserver, 'function' | 'service'>;
}

/** Variables of the machine that a process needs to run at all; nothing else of the user's environment is passed on. */
const machineVariables = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];

/** Lambda's default, in seconds. */
const defaultTimeoutSeconds = 3;

/**
 * Makes the functions of the template, each with an access key of its own and the rights of its role. They are not
 * started. MemorySize is passed on but not enforced: one process takes the place of many environments.
 * @throws {CommandError} for a policy that is not understood.
 */
export function createFunctions(options: FunctionOptions): LocalFunction[] {
  return functionResources(options.template).map((resource) => createFunction(resource, options));
}

/** What a deploy does by way of functions that nothing else calls. */
const deployResources = [
  'Custom::CDKBucketDeployment',
  'Custom::S3ObjectCopy',
  'Custom::EdgeAddresses',
  'Custom::S3AutoDeleteObjects',
];

/**
 * The functions of a template.
 * @param without types of custom resources whose functions are left out: only a deploy calls them.
 */
export function functionResources(
  template: StackTemplate,
  without: readonly string[] = deployResources,
): ResolvedResource[] {
  const ofDeploy = new Set(
    template.resourcesOfType(...without).map(({ properties }) => properties['ServiceToken']),
  );
  return template
    .resourcesOfType('AWS::Lambda::Function')
    .filter(({ logicalId }) => !ofDeploy.has(functionArn(template.physicalName(logicalId))));
}

function createFunction(resource: ResolvedResource, options: FunctionOptions): LocalFunction {
  const { template, awsEndpoint, environment, onLog, clockSkewMs, timeoutSeconds, platform } = options;
  const { logicalId } = resource;
  const properties = resource.properties as unknown as FunctionProperties;
  const physicalName = template.physicalName(logicalId);
  const arn = functionArn(physicalName);
  const name = functionName(resource);
  const logGroup = properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${physicalName}`;
  const accessKeyId = createAccessKey({ name, roleName: roleNameOf(resource), logGroup }, options);
  const reservedConcurrency = (): number | undefined =>
    options.reservedConcurrency?.(name) ?? properties.ReservedConcurrentExecutions;
  const variables = variablesOf(properties.Environment?.Variables, environment);
  return {
    logicalId,
    name,
    arn,
    accessKeyId,
    environment: variables,
    process: new FunctionProcess(
      {
        name,
        bundleDirectory: template.assetDirectory(properties.Code.S3Key ?? ''),
        handler: properties.Handler,
        timeoutSeconds: timeoutSeconds[name] ?? properties.Timeout ?? defaultTimeoutSeconds,
        clockSkewMs: clockSkewMs && (() => clockSkewMs(name)),
        reservedConcurrency,
        observer: platform.function(physicalName, reservedConcurrency),
        environment: {
          ...awsVariables(variables, accessKeyId, awsEndpoint),
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          AWS_LAMBDA_FUNCTION_NAME: physicalName,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize ?? 128),
          AWS_LAMBDA_LOG_FORMAT: properties.LoggingConfig?.LogFormat ?? 'Text',
          AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
          AWS_LAMBDA_LOG_STREAM_NAME: logStream,
          TASKWIRE_FUNCTION_ARN: arn,
        },
      },
      onLog,
    ),
  };
}

/**
 * The environment of a process that AWS would run: its own variables, and what leads it to this stack in the place of AWS.
 * @param accessKeyId by which it is known there.
 * @param awsEndpoint what it knows as AWS.
 */
export function awsVariables(
  variables: Readonly<Record<string, string>>,
  accessKeyId: string,
  awsEndpoint: string,
): Record<string, string> {
  const fromMachine = Object.fromEntries(
    machineVariables.flatMap((variable) =>
      process.env[variable] === undefined ? [] : [[variable, process.env[variable]]],
    ),
  ) as Record<string, string>;
  return {
    ...fromMachine,
    TZ: 'UTC',
    ...withLocalApis(variables, awsEndpoint),
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: awsEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: awsEndpoint,
    AWS_ENDPOINT_URL_LAMBDA: awsEndpoint,
    AWS_ENDPOINT_URL_SSM: awsEndpoint,
  };
}

/**
 * The variables that a template declares.
 * @param replaced values that take the place of those of the template, where it declares them.
 */
export function variablesOf(
  declared: Readonly<Record<string, unknown>> = {},
  replaced: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, value]) => [name, replaced[name] ?? String(value)]),
  );
}

/**
 * @param replaced variables that are to have other values than in the template.
 * @param parts whatever runs code of it.
 * @throws {CommandError} where none of them declares one.
 */
export function requireDeclared(
  replaced: Readonly<Record<string, string>>,
  parts: readonly { readonly environment: Readonly<Record<string, string>> }[],
): void {
  for (const variable of Object.keys(replaced)) {
    if (parts.some(({ environment }) => variable in environment)) continue;
    throw new CommandError(`no function of the template has the environment variable ${variable}`);
  }
}

/** The name of a function's role. */
export function roleNameOf({ properties }: ResolvedResource): string {
  return (properties as unknown as FunctionProperties).Role.split('/').at(-1) ?? '';
}

/** The name of a function in logs and reports: `/Stack/Api/Tasks/Function/Resource` → `tasks`. */
export function functionName({ constructPath, logicalId }: ResolvedResource): string {
  const name = constructPath
    .split('/')
    .slice(2)
    .findLast((part) => part !== 'Resource' && part !== 'Function');
  return name?.toLowerCase() ?? logicalId;
}
