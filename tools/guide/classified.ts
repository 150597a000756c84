/** What the check does with a command of a document. */
export interface Treatment {
  /** The command, to the letter: one that was changed has to be looked at again. */
  readonly text: string;
  /** Why it is not run as it is; it is run where this is left out. */
  readonly why?: string;
  /** What is run in its place. */
  readonly instead?: string;
  /** What is run after it, to put an emulator's answer right. */
  readonly after?: string;
}

const asks = 'it asks a person, or a browser';
const hasNoEdge = 'the emulator cannot deploy the edge';
const hasNoContainers = 'the stage that the emulator deploys has no containers, which need the edge';
const isForProduction = 'it is about a production, which has an edge';
const hasNoQuotas = 'the emulator has no quotas';
const placeholder = 'it has a placeholder for a name';
const changesTheCheckout = 'it would change the files that run this';

/** The commands of one document, by the headings that they stand under; both in their order. */
export interface Chapter {
  readonly document: 'DEPLOY.md' | 'OPERATE.md' | 'RUNBOOK.md';
  readonly sections: Readonly<Record<string, readonly Treatment[]>>;
}

/** From an empty account to a stage that is looked at. */
const deploy: Chapter = {
  document: 'DEPLOY.md',
  sections: {
    '1. Install and sign in': [
      { text: 'npm ci', why: changesTheCheckout },
      { text: 'aws configure sso --profile taskwire', why: asks },
      { text: 'aws sso login --profile taskwire', why: asks },
      {
        text: 'export AWS_PROFILE=taskwire AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
        why: 'the emulator takes an access key, and no profile',
        instead: 'export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
      },
      { text: 'aws sts get-caller-identity' },
    ],
    '2. Prepare the account, once an account and region': [
      {
        text: 'npx cdk bootstrap "aws://$(aws sts get-caller-identity --query Account --output text)/us-east-1"',
      },
    ],
    '3. Deploy': [
      { text: 'export STAGE=dev' },
      { text: 'npx cdk diff -c stage=$STAGE' },
      { text: 'npx cdk deploy -c stage=$STAGE' },
      {
        text: `output() { aws cloudformation describe-stacks --stack-name "Taskwire-$STAGE" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text; }`,
      },
      { text: 'POOL=$(output UserPoolId) CLIENT=$(output UserPoolClientId)' },
      {
        text: 'API=$(output ApiUrl) STREAM=$(output StreamUrl); STREAM=${STREAM%/}',
        // The engine tells its APIs apart by host names that not every machine resolves.
        after: 'API=$(helper front "$API" "$STREAM"); STREAM=$API',
      },
      { text: 'API=$(output Url) STREAM=$(output Url)', why: hasNoEdge },
    ],
    '4. A user and a token': [
      { text: 'EMAIL=alice@example.com PASSWORD="$(openssl rand -base64 18)-aA1"' },
      {
        text: [
          'aws cognito-idp admin-create-user --user-pool-id "$POOL" --username "$EMAIL" --message-action SUPPRESS \\',
          '  --user-attributes Name=email,Value="$EMAIL" Name=email_verified,Value=true Name=custom:workspace,Value=acme',
        ].join('\n'),
      },
      {
        text: 'aws cognito-idp admin-set-user-password --user-pool-id "$POOL" --username "$EMAIL" --password "$PASSWORD" --permanent',
      },
      {
        text: 'aws cognito-idp admin-add-user-to-group --user-pool-id "$POOL" --username "$EMAIL" --group-name admin',
      },
      {
        text: [
          'TOKEN=$(aws cognito-idp admin-initiate-auth --user-pool-id "$POOL" --client-id "$CLIENT" --auth-flow ADMIN_USER_PASSWORD_AUTH \\',
          '  --auth-parameters USERNAME="$EMAIL",PASSWORD="$PASSWORD" --query AuthenticationResult.IdToken --output text)',
        ].join('\n'),
        // The functions trust a stand-in for the pool, whose keys they would ask AWS for.
        after: 'TOKEN=$(helper reissue "$TOKEN")',
      },
    ],
    '5. The first event': [
      { text: 'output Url; echo "$EMAIL $PASSWORD"', why: hasNoEdge },
      {
        text: 'curl -N "$STREAM/sse/connect" -H "Authorization: Bearer $TOKEN"',
        why: 'the emulator cannot stream',
      },
      {
        text: `curl "$API/tasks" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"name":"Buy milk"}'`,
        after: 'helper segments acme',
      },
      {
        text: `echo "new EventSource('$STREAM/sse/connect?token=$TOKEN').onmessage = ({ data }) => console.log(data)"`,
        why: 'it prints the token for a page, and there is no stream to open',
      },
      {
        text: 'TASKWIRE_TOKEN=$TOKEN npm run -s smoke -- --base-url "$API" --stream-url "$STREAM" --origin http://localhost:5173',
        why: 'the emulator can neither stream nor do CORS',
        instead:
          'TASKWIRE_TOKEN=$(helper user "$POOL" "$CLIENT" acme) TASKWIRE_ADMIN_TOKEN=$TOKEN npm run -s smoke -- --base-url "$API" --skip-stream',
      },
      { text: 'TASKWIRE_TOKEN=$TOKEN npm run -s smoke -- --base-url "$API" --page', why: hasNoEdge },
    ],
    'What it costs': [{ text: 'npm run -s cost -- --streams 1000 --hours 8 --days 22 --changes 5/min' }],
    Bounds: [
      { text: 'aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions' },
      {
        text: 'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
        why: hasNoQuotas,
      },
    ],
    'The WebSocket API': [
      {
        text: `aws iam create-role --role-name api-gateway-logs --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}'`,
      },
      {
        text: 'aws iam attach-role-policy --role-name api-gateway-logs --policy-arn arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
      },
      {
        text: 'aws apigateway update-account --patch-operations "op=replace,path=/cloudwatchRoleArn,value=$(aws iam get-role --role-name api-gateway-logs --query Role.Arn --output text)"',
      },
    ],
    'What to look at': [
      {
        text: [
          `for LOG in $(aws logs describe-log-groups --log-group-name-prefix "Taskwire-$STAGE-" --query 'logGroups[].logGroupName' --output text); do`,
          `  aws logs filter-log-events --log-group-name "$LOG" --filter-pattern '{ $.trouble = * }' --query 'events[].message' --output text`,
          'done',
        ].join('\n'),
      },
      {
        text: `LOG=$(aws cloudformation list-stack-resources --stack-name "Taskwire-$STAGE" --query "StackResourceSummaries[?starts_with(LogicalResourceId,'StreamUrlStreamLogs')].PhysicalResourceId" --output text)`,
      },
      {
        text: `aws logs filter-log-events --log-group-name "$LOG" --filter-pattern '{ $.type = "platform.report" && $.record.status = "timeout" }' --query 'events[].message' --output text`,
      },
    ],
    'The canary': [
      { text: 'npm run -s canary -- --stage $STAGE --apply' },
      {
        text: [
          "npm run -s canary -- --stage $STAGE --from-stdin --apply << 'END'",
          '{',
          '  "kind": "oauth",',
          '  "tokenEndpoint": "https://login.example.com/oauth/token",',
          '  "clientId": "taskwire-canary",',
          '  "clientSecret": "…",',
          '  "grantType": "client_credentials",',
          '  "parameters": { "audience": "taskwire" }',
          '}',
          'END',
        ].join('\n'),
      },
    ],
    'What only an account can tell': [
      { text: 'export TASKWIRE_TOKEN=$TOKEN' },
      { text: 'npm run verify:account -- --stage $STAGE' },
      {
        text: 'npm run verify:account -- --stage $STAGE --change-settings --apply --out account.md',
        why: 'the emulator is no account: those that it has an answer for are run, whatever that is',
        instead:
          'npm run -s verify:account -- --stage $STAGE --base-url "$API" --only cold-starts,durations,log-bytes,iterator-age,alarm-math,own-metrics --apply || test $? -eq 1',
      },
    ],
    'A domain of your own': [
      {
        text: 'CERTIFICATE=$(aws acm request-certificate --region us-east-1 --domain-name tasks.example.com --validation-method DNS --query CertificateArn --output text)',
      },
      {
        text: `aws acm describe-certificate --region us-east-1 --certificate-arn "$CERTIFICATE" --query 'Certificate.DomainValidationOptions[].ResourceRecord'`,
      },
      {
        text: 'aws acm wait certificate-validated --region us-east-1 --certificate-arn "$CERTIFICATE"',
        why: 'nobody makes the DNS record',
      },
      { text: 'export STAGE=production', why: isForProduction },
      { text: 'npx cdk deploy -c stage=$STAGE', why: isForProduction },
      { text: 'output DistributionDomainName', why: hasNoEdge },
    ],
    'Roll back': [
      {
        text: 'git checkout <version> && npm ci && npx cdk diff -c stage=$STAGE',
        why: `${placeholder}, and ${changesTheCheckout}`,
      },
      { text: 'npx cdk deploy -c stage=$STAGE' },
    ],
    'When the first deploy failed': [
      {
        text: `aws cloudformation describe-stack-events --stack-name "Taskwire-$STAGE" --query "StackEvents[?ResourceStatus=='CREATE_FAILED'].[LogicalResourceId, ResourceStatusReason]" --output table`,
      },
      { text: 'export STAGE=production', why: isForProduction },
      {
        text: `left() { aws cloudformation list-stack-resources --stack-name "Taskwire-$STAGE" --query "StackResourceSummaries[?ResourceType=='$1' && ResourceStatus=='DELETE_SKIPPED'].PhysicalResourceId" --output text; }`,
      },
      {
        text: [
          'for TABLE in $(left AWS::DynamoDB::GlobalTable); do',
          '  aws dynamodb update-table --table-name "$TABLE" --no-deletion-protection-enabled --query TableDescription.TableName',
          '  aws dynamodb wait table-exists --table-name "$TABLE" && aws dynamodb delete-table --table-name "$TABLE" --query TableDescription.TableName',
          'done',
        ].join('\n'),
      },
      {
        text: [
          'for POOL in $(left AWS::Cognito::UserPool); do',
          '  aws cognito-idp update-user-pool --user-pool-id "$POOL" --deletion-protection INACTIVE && aws cognito-idp delete-user-pool --user-pool-id "$POOL"',
          'done',
        ].join('\n'),
      },
      {
        text: 'aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name "Taskwire-$STAGE"',
      },
      { text: 'npx cdk deploy -c stage=$STAGE', why: 'the deploy has not failed' },
    ],
    'When changes were given up': [
      { text: 'npm run -s redrive -- --stage $STAGE' },
      { text: 'npm run -s redrive -- --stage $STAGE --apply' },
    ],
  },
};

/** What operators do with a stage. */
const operate: Chapter = {
  document: 'OPERATE.md',
  sections: {
    'Look at a log': [{ text: 'npm run -s log -- --stage $STAGE --workspace acme --last 20' }],
    'Rebuild the end of a log': [
      { text: 'npm run -s log:rebuild -- --stage $STAGE --workspace acme' },
      { text: 'npm run -s log:rebuild -- --stage $STAGE --workspace acme --apply' },
    ],
    'List and end connections': [
      { text: 'npm run -s connections -- --stage $STAGE --workspace acme' },
      { text: 'npm run -s connections -- --stage $STAGE --workspace acme --user alice --end-all' },
      { text: 'npm run -s connections -- --stage $STAGE --workspace acme --user alice --end-all --apply' },
    ],
    'Give the canary its credential': [
      { text: 'npm run -s canary -- --stage $STAGE' },
      { text: 'npm run -s canary -- --stage $STAGE --apply' },
    ],
    'Ask an account what only it can tell': [
      { text: 'npm run verify:account -- --stage $STAGE' },
      {
        text: 'npm run verify:account -- --stage $STAGE --apply --out account.md',
        why: 'the emulator is no account; the guide has run what it has an answer for',
      },
    ],
  },
};

/** What they do about an alarm. */
const runbook: Chapter = {
  document: 'RUNBOOK.md',
  sections: {
    LateEvents: [
      {
        text: `aws lambda list-event-source-mappings --function-name "$(aws cloudformation list-stack-resources --stack-name "Taskwire-$STAGE" --query "StackResourceSummaries[?starts_with(LogicalResourceId,'FanOutFanoutFunction')].PhysicalResourceId" --output text)" --query 'EventSourceMappings[].[State,LastProcessingResult]'`,
      },
    ],
    StoppedFanOut: [{ text: 'npx cdk deploy -c stage=$STAGE' }],
    FailedBatches: [{ text: 'npm run -s redrive -- --stage $STAGE' }],
    SlowDelivery: [{ text: 'npm run -s smoke -- --base-url "$(output Url)"', why: hasNoEdge }],
    FailedCanary: [{ text: 'npm run -s smoke -- --base-url "$(output Url)"', why: hasNoEdge }],
    RefusedStreams: [{ text: 'aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions' }],
    NearConcurrency: [
      {
        text: 'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 2000',
        why: hasNoQuotas,
      },
    ],
    MissingTasks: [
      {
        text: `CLUSTER=$(aws cloudformation list-stack-resources --stack-name "Taskwire-$STAGE" --query "StackResourceSummaries[?ResourceType=='AWS::ECS::Cluster'].PhysicalResourceId" --output text)`,
        why: hasNoContainers,
      },
      {
        text: `aws ecs describe-services --cluster "$CLUSTER" --services "$(aws ecs list-services --cluster "$CLUSTER" --query 'serviceArns[0]' --output text)" --query 'services[0].events[:10].[createdAt,message]' --output text`,
        why: hasNoContainers,
      },
    ],
    FullTasks: [{ text: 'npm run -s cost -- --streams 1000 --hours 8 --days 22 --changes 5/min' }],
    CostADay: [{ text: 'npm run -s cost -- --streams 1000 --hours 8 --days 22 --changes 5/min' }],
    RefusedInvocations: [
      {
        text: "aws lambda get-account-settings --query 'AccountLimit.[ConcurrentExecutions,UnreservedConcurrentExecutions]'",
      },
    ],
    LastingTrouble: [{ text: 'npx cdk diff -c stage=$STAGE' }],
  },
};

/** The end of a stage. */
const tearDown: Chapter = {
  document: 'DEPLOY.md',
  sections: {
    'Tear down': [
      {
        text: `buckets() { aws cloudformation list-stack-resources --stack-name "Taskwire-$STAGE" --query "StackResourceSummaries[?ResourceType=='AWS::S3::Bucket'].PhysicalResourceId" --output text; }`,
        // One that is not found would be emptied never, and the stack stop at it.
        after: 'test "$(buckets | wc -w)" -eq 1',
      },
      { text: 'for BUCKET in $(buckets); do aws s3 rm "s3://$BUCKET" --recursive; done' },
      { text: 'npx cdk destroy -c stage=$STAGE' },
      { text: 'export STAGE=production', why: isForProduction },
      { text: 'npx cdk deploy -c stage=$STAGE', why: isForProduction },
      { text: 'POOL=$(output UserPoolId); echo "user pool: ${POOL:-none}"', why: isForProduction },
      { text: 'npx cdk destroy -c stage=$STAGE', why: isForProduction },
      {
        text: `aws dynamodb list-tables --query "TableNames[?starts_with(@, 'Taskwire-production-')]" --output text`,
      },
      {
        text: `aws logs describe-log-groups --log-group-name-prefix Taskwire-production- --query 'logGroups[].logGroupName' --output text`,
      },
      {
        text: `aws s3api list-buckets --query "Buckets[?starts_with(Name, 'taskwire-production-')].Name" --output text`,
      },
      {
        text: `aws cognito-idp describe-user-pool --user-pool-id "$POOL" --query 'UserPool.[Name, Id, EstimatedNumberOfUsers]' --output text`,
        why: isForProduction,
      },
      { text: 'aws dynamodb delete-table --table-name <name>', why: placeholder },
      { text: 'aws logs delete-log-group --log-group-name <name>', why: placeholder },
      { text: 'aws s3 rb "s3://<name>" --force', why: placeholder },
      { text: 'aws cognito-idp delete-user-pool --user-pool-id "$POOL"', why: isForProduction },
    ],
  },
};

/** What becomes of each command of the documents for operators, in the order in which they are run. */
export const chapters: readonly Chapter[] = [deploy, operate, runbook, tearDown];
