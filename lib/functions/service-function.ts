import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function, LoggingFormat, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionBundle } from './function-bundle.ts';
import { functionMemory } from './function-memory.ts';
import type { FunctionName } from './function-names.ts';
import { metricNamespace } from '../../lambdas/shared/signals/metrics.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { ServiceRole } from './service-role.ts';

export interface ServiceFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  readonly config: StageConfig;
  readonly environment: Readonly<Record<string, string>>;
  /** Longest run of one invocation, in seconds; 900 at most. */
  readonly timeoutSeconds: number;
  /** Invocations that may run at a time, kept free for this function; shared with all others when left out or 0. */
  readonly reservedConcurrency?: number | undefined;
  /**
   * Whether it may be invoked by itself again and again. Lambda stops other functions after 16 times.
   * Source: "Use Lambda recursive loop detection to prevent infinite loops", Lambda developer guide.
   */
  readonly invokesItself?: boolean;
}

/** What Powertools reads: how logs and metrics name the function, and whether there are metrics. */
export function powertools(name: string, config: StageConfig): Readonly<Record<string, string>> {
  return {
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: metricNamespace(config.name),
    POWERTOOLS_METRICS_DISABLED: String(config.metrics === 'off'),
  };
}

/**
 * A function as every function of this stack is: its own role that may write its own log and nothing else, its
 * own log group with an end, JSON logs, readable stack traces. What else it may do is granted by name.
 */
export class ServiceFunction extends Construct {
  readonly function: Function;
  readonly #serviceRole: ServiceRole;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    this.#serviceRole = new ServiceRole(this, props.config, 'lambda.amazonaws.com');
    const { role, logGroup } = this.#serviceRole;
    this.function = new Function(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: functionBundle(props.name),
      handler: 'index.handler',
      role,
      memorySize: functionMemory[props.name],
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        ...powertools(props.name, props.config),
        ...props.environment,
      },
      // To Lambda 0 would mean that the function must not run.
      ...(props.reservedConcurrency !== undefined &&
        props.reservedConcurrency > 0 && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.invokesItself === true && { recursiveLoop: RecursiveLoop.ALLOW }),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
  }

  get role(): Role {
    return this.#serviceRole.role;
  }

  /** Lets the function take exactly these actions on exactly these ARNs. */
  allow(actions: string[], resources: string[]): void {
    this.#serviceRole.allow(actions, resources);
  }
}
