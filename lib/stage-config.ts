import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** The stages that exist. A stage is one deployed copy of the stack; an account can hold several. */
export const stageNames = ['local', 'dev'] as const;
export type StageName = (typeof stageNames)[number];

/**
 * Who signs the tokens.
 * - `cognito`: the stack makes a user pool, with a client and an admin group.
 * - `oidc`: an issuer that exists already; the claims come from its tokens as they are.
 * - `local`: the development issuer of `npm start`, on the port that the parameter `LocalPort` names.
 */
export type IdentityConfig =
  | { readonly kind: 'cognito' }
  | { readonly kind: 'oidc'; readonly issuer: string; readonly audience: string; readonly jwksUri: string }
  | { readonly kind: 'local' };

/** All that differs between stages. Times are whole seconds or milliseconds, as the name of the key says. */
export interface StageConfig {
  readonly name: StageName;
  readonly identity: IdentityConfig;
  /** Claim with the workspace of the caller; absent in a token means the workspace `default`. */
  readonly workspaceClaim: string;
  /** Claim (a string or a list) that makes an admin when it holds `adminValue`. */
  readonly adminClaim: string;
  readonly adminValue: string;
  /** Web origins that may call from a browser. Empty on the local stage, where they follow from `LocalPort`. */
  readonly allowedOrigins: readonly string[];
  /** Length of one stream session, after which the client reconnects with its cursor. */
  readonly sessionSeconds: number;
  /** How far back a client can resume. */
  readonly historySeconds: number;
  /** Time between two `ping` frames; it must stay below the 30 s origin timeout of CloudFront. */
  readonly heartbeatSeconds: number;
  /** Bounds of the adaptive pause between two reads of the log: fast while events flow, slow when idle. */
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
  /** Bounds of the jittered `retry:` that tells EventSource how long to wait before it reconnects. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Length of the comment that follows each write of a stream, to push out what Lambda holds back; 0 for none. */
  readonly paddingBytes: number;
  /** HTTP API throttle: steady requests a second, and the burst above them. */
  readonly throttleRate: number;
  readonly throttleBurst: number;
  /** Days that logs are kept; one of the periods that CloudWatch Logs offers. */
  readonly logRetentionDays: RetentionDays;
  /** What happens to tables, logs and users when the stack goes. */
  readonly removalPolicy: 'destroy' | 'retain';
  readonly pointInTimeRecovery: boolean;
  readonly deletionProtection: boolean;
}
