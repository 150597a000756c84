import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** The stages that exist. A stage is one deployed copy of the stack; an account can hold several. */
export const stageNames = ['local', 'dev', 'staging', 'production'] as const;
export type StageName = (typeof stageNames)[number];

/**
 * Who signs the tokens.
 * - `cognito`: the stack makes a user pool, with a client and an admin group. `loginPrefix` begins the address of its login
 *   pages, which no two pools of a region can share; `taskwire-<stage>-<account>` when it is left out.
 * - `oidc`: an issuer that exists already; the claims come from its tokens as they are.
 * - `local`: the development issuer of `npm start`, on the port that the parameter `LocalPort` names.
 */
export type IdentityConfig =
  | { readonly kind: 'cognito'; readonly loginPrefix?: string }
  | ({
      readonly kind: 'oidc';
      readonly issuer: string;
      readonly audience: string;
      readonly jwksUri: string;
    } & OidcPageConfig)
  | {
      readonly kind: 'local';
      /** `oidc`: the page signs in as with any issuer; `switch`, as when it is left out: it is whomever it says. */
      readonly signIn?: 'switch' | 'oidc';
    };

/** How users of the page sign in with an issuer that exists already; without `clientId` they cannot. */
export interface OidcPageConfig {
  /** A public client with the authorization code flow and PKCE; also the `audience`, for its ID tokens carry that. */
  readonly clientId?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  /** Takes the refresh token back at the sign-out (RFC 7009). */
  readonly revocationEndpoint?: string;
  /** Ends the issuer's own session at the sign-out (OpenID Connect RP-Initiated Logout 1.0). */
  readonly endSessionEndpoint?: string;
  /** Scopes, with spaces between them; `openid profile email` when it is left out. */
  readonly scope?: string;
}

/** All that differs between stages. Times are whole seconds or milliseconds, as the name of the key says. */
export interface StageConfig {
  readonly name: StageName;
  /** Account that the stage must be deployed to; any, by the caller's credentials, when it is left out. */
  readonly account?: string;
  readonly region: string;
  /** Says that AWS has brought Function URLs to a region that lacked them when this was written. */
  readonly regionHasFunctionUrls?: boolean;
  readonly identity: IdentityConfig;
  /**
   * Claim with the workspace of the caller. Unless a token has a claim of the very name, dots lead into objects, as in
   * `realm_access.roles`; the same for `adminClaim`.
   */
  readonly workspaceClaim: string;
  /** Claim (a string or a list) that makes an admin when it holds `adminValue`. */
  readonly adminClaim: string;
  readonly adminValue: string;
  /**
   * Where tokens without the workspace claim belong: `refused`, or the workspace `default`, which is right where there is
   * one board for everybody whom the issuer knows. Never `default` with a managed pool: whoever made a user and forgot
   * the attribute would let the user see what others put there for the same reason.
   */
  readonly tokensWithoutWorkspace: 'refused' | 'default';
  /**
   * The longest life of a token, from `iat` to `exp`; longer ones are refused. A revocation is remembered for so long, so
   * raise it only where no token that lives longer was revoked meanwhile.
   */
  readonly tokenLifeSeconds: number;
  /**
   * Web origins that may call from a browser, besides the edge's own, which needs no entry. On the local stage those of
   * its own port, which follow from `LocalPort`, come on top.
   */
  readonly allowedOrigins: readonly string[];
  /**
   * `on`: CloudFront gives one origin for dashboard, API and stream, and the stream's own URL refuses everybody else.
   * `off`: API and stream answer at URLs of their own, and there is no dashboard.
   */
  readonly edge: 'on' | 'off';
  /** Name under which the edge answers; CloudFront's own name when it is left out. Its DNS record is not made here. */
  readonly domain?: string;
  /** The certificate of `domain`, of AWS Certificate Manager in us-east-1. */
  readonly certificateArn?: string;
  /** Whether the edge keeps access logs, without query strings, in a bucket. Needs the region us-east-1. */
  readonly accessLogs: boolean;
  /** Requests from one address in 5 minutes above which the edge blocks it; no firewall when left out. Needs us-east-1. */
  readonly requestsPerAddress?: number;
  /** Length of one stream session, after which the client reconnects with its cursor. */
  readonly sessionSeconds: number;
  /** How far back a client can resume. */
  readonly historySeconds: number;
  /** Time between two `ping` frames; it must stay below the 30 s origin timeout of CloudFront. */
  readonly heartbeatSeconds: number;
  /** How long a stream waits for a client that reads nothing, before it breaks off. */
  readonly slowReaderSeconds: number;
  /** Bounds of the adaptive pause between two reads of the log: fast while events flow, slow when idle. */
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
  /** Bounds of the jittered `retry:` that tells EventSource how long to wait before it reconnects. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Length of the comment that follows each write of a stream, to push out what Lambda holds back; 0 for none. */
  readonly paddingBytes: number;
  /**
   * HTTP API throttle: steady requests a second, and the burst above them. With the edge on it is for the edge alone;
   * whoever comes past it has a small one that is not a setting.
   */
  readonly throttleRate: number;
  readonly throttleBurst: number;
  /**
   * Streams that may be open at a time, which bounds what they cost: the reserved concurrency of the stream function.
   * No bound of its own when it is left out. AWS refuses a value that leaves too little for other functions: 100 of the
   * account's concurrency, or all of the 10 that a new account may have, where it must be left out.
   * Source: "Configuring reserved concurrency for a function", Lambda developer guide.
   */
  readonly streamConcurrency?: number;
  /**
   * Invocations kept free for each function that must not wait behind streams: tasks, connections, fan-out and the way
   * back of the sign-in. None of them runs more at a time either. 0 keeps nothing: then streams can take all that the
   * account may run, and API and fan-out stop. AWS leaves at least 100 of the account's concurrency unreserved and refuses a deploy that would not; a
   * new account may have 10 in all, where it must be 0.
   * Source: "Configuring reserved concurrency for a function", Lambda developer guide.
   */
  readonly reservedConcurrency: number;
  /** Streams that one user may have open; over the limit they are asked whether anybody is there, and at last ended. */
  readonly connectionsPerUser: number;
  /** Streams that one workspace may have open; more are told to come back later. */
  readonly connectionsPerWorkspace: number;
  /** Who gets a mail when an alarm goes off; without recipients there are no alarms. */
  readonly alarmEmails: readonly string[];
  /** Days that logs are kept; one of the periods that CloudWatch Logs offers. */
  readonly logRetentionDays: RetentionDays;
  /** What happens to tables, logs and users when the stack goes. */
  readonly removalPolicy: 'destroy' | 'retain';
  readonly pointInTimeRecovery: boolean;
  /** Whether tables, users and the stack itself refuse to be deleted until this is switched off. */
  readonly deletionProtection: boolean;
}
