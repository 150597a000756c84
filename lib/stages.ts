import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StageConfig, StageName } from './stage-config.ts';

const common = {
  sessionSeconds: 300,
  historySeconds: 86_400,
  heartbeatSeconds: 15,
  pollMinMs: 250,
  pollMaxMs: 1_000,
  retryMinMs: 1_000,
  retryMaxMs: 3_000,
  paddingBytes: 3,
  throttleRate: 200,
  throttleBurst: 400,
  logRetentionDays: RetentionDays.TWO_WEEKS,
  removalPolicy: 'destroy',
  pointInTimeRecovery: false,
  deletionProtection: false,
} as const;

/** The stages with their own values; the context key `stages.<name>` can replace any of them but the name. */
export const stages: Readonly<Record<StageName, StageConfig>> = {
  local: {
    ...common,
    name: 'local',
    identity: { kind: 'local' },
    workspaceClaim: 'workspace',
    adminClaim: 'groups',
    adminValue: 'admin',
    allowedOrigins: [],
    // One process, no billed reads: latency matters more than the number of reads.
    pollMinMs: 5,
    pollMaxMs: 20,
    retryMinMs: 200,
    retryMaxMs: 600,
    // Nothing holds chunks back here.
    paddingBytes: 0,
    // One machine stands for all clients of the load tests.
    throttleRate: 10_000,
    throttleBurst: 5_000,
  },
  dev: {
    ...common,
    name: 'dev',
    identity: { kind: 'cognito' },
    workspaceClaim: 'custom:workspace',
    adminClaim: 'cognito:groups',
    adminValue: 'admin',
    // The dashboard's development server.
    allowedOrigins: ['http://localhost:5173'],
  },
};
