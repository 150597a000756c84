import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import type { IdentityConfig } from './identity-schema.ts';
import type { StageName } from './stage-names.ts';
import { emails, matching, oneOf, origins, text, wholeNumber } from './rules.ts';

/** The region of CloudFront's certificates, access logs and firewall. */
export const edgeRegion = 'us-east-1';

/** The periods that CloudWatch Logs offers, but for the unlimited one, which CDK writes as 9999. */
const periods = Object.values(RetentionDays).filter((days) => Number(days) < 9_999);
const retentionDays = oneOf(...(periods as RetentionDays[]));

/**
 * What each setting of a stage means, can be, and is unless the stage says otherwise; but for the identity. Times are whole
 * seconds or milliseconds, as the name of the key says. Bounds that come from AWS are named; the others are what the
 * functions can work with.
 */
export const stageSchema = z.strictObject({
  /** Account that the stage must be deployed to; any, by the caller's credentials, when it is left out. */
  account: matching(/^\d{12}$/, 'the 12 digits of an account id, as text').optional(),
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1').prefault(edgeRegion),
  /** Says that AWS has brought Function URLs to a region that lacked them when this was written. */
  regionHasFunctionUrls: oneOf(true, false).optional(),
  /**
   * Claim with the workspace of the caller. Unless a token has a claim of the very name, dots lead into objects, as in
   * `realm_access.roles`; the same for `adminClaim`.
   */
  workspaceClaim: text,
  /** Claim (a string or a list) that makes an admin when it holds `adminValue`. */
  adminClaim: text,
  adminValue: text,
  /**
   * Where tokens without the workspace claim belong: `refused`, or the workspace `default`, which is right where there is
   * one board for everybody whom the issuer knows. Never `default` with a managed pool: whoever made a user and forgot
   * the attribute would let the user see what others put there for the same reason.
   */
  tokensWithoutWorkspace: oneOf('refused', 'default').prefault('refused'),
  /**
   * The longest life of a token, from `iat` to `exp`; longer ones are refused. A revocation is remembered for so long, so
   * raise it only where no token that lives longer was revoked meanwhile.
   */
  // Revocations are kept for as long. A day is what Cognito gives at the most.
  tokenLifeSeconds: wholeNumber(60, 2_592_000).prefault(86_400),
  /**
   * How long a ticket lives, by which a page opens streams without a token in the URL; never longer than its token. The
   * streams that it has opened end with it, and their clients get another one.
   */
  // Short, because it stands in URLs; but each end of a stream is a connect, and sessions of 5 minutes end by themselves.
  ticketSeconds: wholeNumber(60, 86_400).prefault(900),
  /**
   * Web origins that may call from a browser, besides the edge's own, which needs no entry. On the local stage those of
   * its own port, which follow from `LocalPort`, come on top.
   */
  allowedOrigins: origins,
  /**
   * `on`: CloudFront gives one origin for dashboard, API and stream, and the stream's own URL refuses everybody else.
   * `off`: API and stream answer at URLs of their own, and there is no dashboard.
   */
  edge: oneOf('on', 'off').prefault('off'),
  /** Name under which the edge answers; CloudFront's own name when it is left out. Its DNS record is not made here. */
  domain: matching(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'a host name in lower case',
  ).optional(),
  /** The certificate of `domain`, of AWS Certificate Manager in us-east-1. */
  certificateArn: matching(
    /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
    `the ARN of a certificate in ${edgeRegion}, the only region that CloudFront takes them from`,
  ).optional(),
  /** Whether the edge keeps access logs, without query strings, in a bucket. Needs the region us-east-1. */
  accessLogs: oneOf(true, false).prefault(false),
  /**
   * Whether the WebSocket API keeps an access log, without queries and headers. API Gateway writes it with a role that is a
   * setting of the account in its region, unlike that of the HTTP API, and refuses the deploy where there is none.
   * Source: "Set up CloudWatch logging for REST APIs", API Gateway developer guide.
   */
  socketAccessLogs: oneOf(true, false).prefault(false),
  /** Requests from one address in 5 minutes above which the edge blocks it; no firewall when left out. Needs us-east-1. */
  // The bounds of a rate rule. Source: RateBasedStatement, AWS WAFV2 API reference.
  requestsPerAddress: wholeNumber(10, 2_000_000_000).optional(),
  /**
   * What hosts the streams. `function`: an environment of Lambda for each. `web-function`: a Lambda Web Function, many
   * streams to an environment. `container`: tasks of ECS on Fargate, many more to each, behind the edge (docs/DEPLOY.md,
   * "Which host").
   */
  streamHost: oneOf('function', 'web-function', 'container').prefault('function'),
  /**
   * The most streams in one process of a host that takes many: 128 and fewer in an environment of a Web Function, which is
   * what it has when this is left out; in a container 2 for each MB.
   */
  // Source of the 128: "Scaling behavior for Lambda Web Functions", Lambda developer guide.
  streamsPerProcess: wholeNumber(1, 20_000).optional(),
  /** Memory of a container, MB; its processor grows with it, from a quarter of one to a whole. */
  // More would not help: a process of Node uses one processor.
  taskMegabytes: oneOf(512, 1_024, 2_048).prefault(512),
  /**
   * How many containers there are at the least, and at the most: so many that each has half of the streams that it may
   * have, and the others can take those of one that goes.
   */
  // Fewer than two would be in one availability zone.
  leastTasks: wholeNumber(2, 1_000, 'one of them may go').prefault(2),
  mostTasks: wholeNumber(2, 1_000).prefault(10),
  /** Length of one stream session, after which the client reconnects with its cursor. */
  // A Lambda function runs for 900 s at most, and the session needs 30 s of them to end cleanly.
  sessionSeconds: wholeNumber(10, 870, 'a Lambda function runs 900 s at most').prefault(300),
  /** How far back a client can resume. */
  // The mapping's record age is 5/6 of it, and AWS takes 60 s at least. 30 days bound the table.
  historySeconds: wholeNumber(72, 2_592_000).prefault(86_400),
  /** Time between two `ping` frames; it must stay below the 30 s origin timeout of CloudFront. */
  heartbeatSeconds: wholeNumber(1, 25).prefault(15),
  /** How long a stream waits for a client that reads nothing, before it breaks off. */
  slowReaderSeconds: wholeNumber(1, 300).prefault(30),
  /** Bounds of the adaptive pause between two reads of the log: fast while events flow, slow when idle. */
  pollMinMs: wholeNumber(1, 60_000).prefault(250),
  pollMaxMs: wholeNumber(1, 60_000).prefault(1_000),
  /** Bounds of the jittered `retry:` that tells EventSource how long to wait before it reconnects. */
  retryMinMs: wholeNumber(1, 600_000).prefault(1_000),
  retryMaxMs: wholeNumber(1, 600_000).prefault(3_000),
  /** Length of the comment that follows each write of a stream, to push out what Lambda holds back; 0 for none. */
  paddingBytes: wholeNumber(0, 131_072).prefault(3),
  /**
   * HTTP API throttle: steady requests a second, and the burst above them. With the edge on it is for the edge alone;
   * whoever comes past it has a small one that is not a setting. The WebSocket API has as much for itself, for handshakes
   * and messages of clients together.
   */
  throttleRate: wholeNumber(1, 10_000).prefault(200),
  throttleBurst: wholeNumber(1, 5_000).prefault(400),
  /**
   * Streams that may be open at a time, which bounds what they cost: the reserved concurrency of the stream function.
   * No bound of its own when it is left out. AWS refuses a value that leaves too little for other functions: 100 of the
   * account's concurrency, or all of the 10 that a new account may have, where it must be left out.
   * Source: "Configuring reserved concurrency for a function", Lambda developer guide.
   */
  // The account's own quota is the upper bound, and not known here.
  streamConcurrency: wholeNumber(1, 100_000).optional(),
  /**
   * Invocations kept free for each function that must not wait behind streams: tasks, connections, WebSocket, fan-out and
   * the way back of the sign-in. None of them runs more at a time either. 0 keeps nothing: then streams can take all that the
   * account may run, and API and fan-out stop. AWS leaves at least 100 of the account's concurrency unreserved and
   * refuses a deploy that would not; a new account may have 10 in all, where it must be 0. Source: "Configuring
   * reserved concurrency for a function", Lambda developer guide.
   */
  // A new account cannot reserve any, and should be able to have a look.
  reservedConcurrency: wholeNumber(0, 1_000).prefault(0),
  /** Streams that one user may have open; over the limit they are asked whether anybody is there, and at last ended. */
  connectionsPerUser: wholeNumber(1, 200, 'each connect reads those of its user').prefault(20),
  /** Streams that one workspace may have open; more are told to come back later. */
  // A look takes half a read unit, of the 3,000 a second that a partition gives.
  connectionsPerWorkspace: wholeNumber(
    1,
    10_000,
    'each may be a process that asks every 2.5 s what must end, in one partition',
  ).prefault(1_000),
  /** Whether there are a dashboard, alarms and saved queries (docs/RUNBOOK.md); $0.10 a month for each alarm. */
  monitoring: oneOf('on', 'off').prefault('on'),
  /**
   * How often the canary runs, minutes: a function that signs in, writes a task, waits for its frame and deletes it. None
   * when it is left out: it needs a credential (docs/DEPLOY.md, "The canary").
   */
  // Its alarm waits for three runs.
  canaryMinutes: wholeNumber(1, 60).optional(),
  /**
   * How often open streams and WebSockets are counted, minutes: a function reads the connections table (docs/DEPLOY.md, "Open
   * streams and WebSockets"). 0 for never; nor where `metrics` is off.
   */
  // A metric is billed for each hour in which it is sent.
  gaugeMinutes: wholeNumber(0, 60).prefault(5),
  /** What the account may run at a time, which an alarm compares with: `aws lambda get-account-settings`. */
  accountConcurrency: wholeNumber(1, 1_000_000).prefault(1_000),
  /** What a day may cost before an alarm says so, US dollars: of what grows with use, by list prices. */
  dollarsADay: wholeNumber(1, 1_000_000).prefault(25),
  /** Who gets a mail when an alarm goes off. */
  alarmEmails: emails.prefault([]),
  /**
   * Whether the functions send metrics of their own, $0.30 a month for each that is sent all the time (docs/DEPLOY.md, "What
   * to look at"). Without them the alarms that need none are left.
   */
  metrics: oneOf('on', 'off').prefault('on'),
  /** Of how many connections, batches and pushes in a hundred the logs tell each step, and not only the end. */
  logSamplePercent: wholeNumber(0, 100).prefault(1),
  /** Days that logs are kept; one of the periods that CloudWatch Logs offers. */
  logRetentionDays: retentionDays.prefault(RetentionDays.TWO_WEEKS),
  /** What happens to tables, logs and users when the stack goes. */
  removalPolicy: oneOf('destroy', 'retain').prefault('destroy'),
  pointInTimeRecovery: oneOf(true, false).prefault(false),
  /** Whether tables, users and the stack itself refuse to be deleted until this is switched off. */
  deletionProtection: oneOf(true, false).prefault(false),
});

interface Named {
  readonly name: StageName;
  readonly identity: IdentityConfig;
}

/** What a stage says of itself. */
export type StageSettings = Readonly<z.input<typeof stageSchema>> & Named;

/** All settings of a stage. */
export type StageConfig = Readonly<z.output<typeof stageSchema>> & Named;
