import type { Template } from 'aws-cdk-lib/assertions';
import { grants, plain, resources } from './synthesized.ts';
import type { Resource } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: unknown;
  readonly Resource: unknown;
}

/** Types whose loss loses data, logs or users. */
const keepers = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::Logs::LogGroup',
  'AWS::Cognito::UserPool',
];

function named(template: Template, ...types: string[]): [string, Resource][] {
  return types
    .flatMap((type) => Object.entries(resources(template, type)))
    .map(([id, resource]) => [plain({ Ref: id }), resource]);
}

function list(value: unknown): string {
  return (Array.isArray(value) ? value : [value]).map((item) => plain(item)).join(', ');
}

function principal(value: unknown): string {
  return typeof value === 'object' && value !== null ? list(Object.values(value)) : String(value);
}

function roleLines(template: Template): string[] {
  return named(template, 'AWS::IAM::Policy').flatMap(([name, policy]) =>
    grants(policy).map((grant) => `${name.replace(/DefaultPolicy$/, '')}: ${grant}`),
  );
}

function invokerLines(template: Template): string[] {
  return named(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => {
    const { Principal, Action, FunctionName, SourceArn } = Properties;
    const source = SourceArn === undefined ? '' : ` for ${plain(SourceArn)}`;
    return `${principal(Principal)}${source}: ${String(Action)} on ${plain(FunctionName)}`;
  });
}

function resourcePolicyLines(template: Template): string[] {
  return named(template, 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy').flatMap(([, { Properties }]) => {
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
    return statements
      .filter(({ Effect }) => Effect === 'Allow')
      .map(
        ({ Principal, Action, Resource: on }) => `${principal(Principal)}: ${list(Action)} on ${list(on)}`,
      );
  });
}

function endpointLines(template: Template): string[] {
  const urls = named(template, 'AWS::Lambda::Url').map(
    ([name, { Properties }]) =>
      `${name}: Function URL, authentication ${String(Properties['AuthType'])}, CORS for ${origins(Properties['Cors'])}`,
  );
  const apis = named(template, 'AWS::ApiGatewayV2::Api').map(([name, { Properties }]) =>
    Properties['ProtocolType'] === 'WEBSOCKET'
      ? `${name}: WebSocket API`
      : `${name}: HTTP API, CORS for ${origins(Properties['CorsConfiguration'])}`,
  );
  const edges = named(template, 'AWS::CloudFront::Distribution').map(([name]) => `${name}: CloudFront`);
  const logins = named(template, 'AWS::Cognito::UserPoolDomain').map(
    ([name, { Properties }]) => `${name}: login pages ${plain(Properties['Domain'])}`,
  );
  const returns = named(template, 'AWS::Cognito::UserPoolClient')
    .filter(([, { Properties }]) => Properties['CallbackURLs'] !== undefined)
    .map(([name, { Properties }]) => `${name}: users come back to ${list(Properties['CallbackURLs'])}`);
  return [...urls, ...apis, ...edges, ...logins, ...returns];
}

function origins(cors: unknown): string {
  const { AllowOrigins } = (cors ?? {}) as { AllowOrigins?: unknown };
  return AllowOrigins === undefined ? 'nobody' : list(AllowOrigins);
}

function keeperLines(template: Template): string[] {
  return named(template, ...keepers).map(([name, { DeletionPolicy, Properties }]) => {
    const text = JSON.stringify(Properties);
    const extras = [
      /"DeletionProtection(Enabled)?":(true|"ACTIVE")/.test(text) && 'deletion protection',
      text.includes('"PointInTimeRecoveryEnabled":true') && 'point-in-time recovery',
    ].filter((extra) => extra !== false);
    return [`${name}: ${DeletionPolicy}`, ...extras].join(', ');
  });
}

/**
 * Gives what a reviewer must not miss in a template, as text: who may do what, what answers on the internet, and what
 * goes with the stack.
 */
export function reviewSheet(template: Template): string {
  const parts = {
    'What the functions may do': roleLines(template),
    'Who may invoke a function': invokerLines(template),
    'What resources allow to others': resourcePolicyLines(template),
    'What answers on the internet': endpointLines(template),
    'What happens to data when the stack goes': keeperLines(template),
  };
  return Object.entries(parts)
    .map(([title, lines]) => [title, ...lines.toSorted().map((line) => `  ${line}`), ''].join('\n'))
    .join('\n');
}
