import { randomUUID } from 'node:crypto';
import type { AccessControl } from '../iam/access-control.ts';
import type { RequiredPermission } from '../iam/request-actions.ts';
import { readRoleStatements } from '../iam/role-statements.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import { FunctionProcess } from './function-process.ts';
import type { LogLine } from './function-process.ts';
import { CommandError } from '../../commands/command-error.ts';
import { functionArn, localAccount, localRegion } from '../template/stack-template.ts';
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
  readonly platform: Pick<PlatformObserver, 'function'>;
}

/** Variables of the machine that a process needs to run at all; nothing else of the user's environment is passed on. */
const machineVariables = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'];

/** Lambda's default, in seconds. */
const defaultTimeoutSeconds = 3;

/**
 * Makes the functions of the template, each with an access key of its own and the rights of its role. They are not
 * started. MemorySize is passed on but not enforced: one process takes the place of many environments.
 * @throws {CommandError} for a replaced variable that no function declares, or a policy that is not understood.
 */
export function createFunctions(options: FunctionOptions): LocalFunction[] {
  const { template, access } = options;
  const roles = readRoleStatements(template);
  const ofDeploy = deployFunctions(template);
  const resources = template
    .resourcesOfType('AWS::Lambda::Function')
    .filter(({ logicalId }) => !ofDeploy.has(functionArn(template.physicalName(logicalId))));
  for (const variable of Object.keys(options.environment)) {
    if (
      !resources.some(
        ({ properties }) => variable in variablesOf(properties as unknown as FunctionProperties),
      )
    ) {
      throw new CommandError(`no function of the template has the environment variable ${variable}`);
    }
  }
  return resources.map((resource) => {
    const properties = resource.properties as unknown as FunctionProperties;
    const roleName = roleNameOf(resource);
    const accessKeyId = `LOCAL${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;
    const local = createFunction(resource, properties, accessKeyId, options);
    access.register(accessKeyId, {
      functionName: local.name,
      roleName,
      accountId: localAccount,
      statements: roles.get(roleName) ?? [],
    });
    const denial = access.deny(accessKeyId, logPermissions(local));
    if (denial !== undefined) throw new CommandError(`${local.name} cannot write its log: ${denial}`);
    return local;
  });
}

/** ARNs of the functions that only a deploy calls, by way of a custom resource. */
function deployFunctions(template: StackTemplate): Set<unknown> {
  return new Set(
    template
      .resourcesOfType('Custom::CDKBucketDeployment')
      .map(({ properties }) => properties['ServiceToken']),
  );
}

function createFunction(
  resource: ResolvedResource,
  properties: FunctionProperties,
  accessKeyId: string,
  options: FunctionOptions,
): LocalFunction {
  const { template, awsEndpoint, environment, onLog, clockSkewMs, timeoutSeconds, platform } = options;
  const { logicalId } = resource;
  const physicalName = template.physicalName(logicalId);
  const arn = functionArn(physicalName);
  const name = functionName(resource);
  const reservedConcurrency = (): number | undefined =>
    options.reservedConcurrency?.(name) ?? properties.ReservedConcurrentExecutions;
  const variables = { ...variablesOf(properties) };
  for (const [variable, value] of Object.entries(environment)) {
    if (variable in variables) variables[variable] = value;
  }
  const fromMachine = Object.fromEntries(
    machineVariables.flatMap((variable) =>
      process.env[variable] === undefined ? [] : [[variable, process.env[variable]]],
    ),
  ) as Record<string, string>;
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
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
          AWS_LAMBDA_FUNCTION_NAME: physicalName,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize ?? 128),
          AWS_LAMBDA_LOG_FORMAT: properties.LoggingConfig?.LogFormat ?? 'Text',
          AWS_LAMBDA_LOG_GROUP_NAME: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${physicalName}`,
          AWS_LAMBDA_LOG_STREAM_NAME: 'local',
          TASKWIRE_FUNCTION_ARN: arn,
        },
      },
      onLog,
    ),
  };
}

function variablesOf(properties: FunctionProperties): Record<string, string> {
  const variables = properties.Environment?.Variables ?? {};
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

/**
 * What Lambda needs to write the function's log, which it does with the function's role at the first line.
 * Source: "Sending Lambda function logs to CloudWatch Logs"; both actions are asked for on the log stream.
 */
function logPermissions({ process: { settings } }: LocalFunction): RequiredPermission[] {
  const { AWS_LAMBDA_LOG_GROUP_NAME: group, AWS_LAMBDA_LOG_STREAM_NAME: stream } = settings.environment;
  const resource = `arn:aws:logs:${localRegion}:${localAccount}:log-group:${group}:log-stream:${stream}`;
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource }));
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
