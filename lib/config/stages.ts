import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StageSettings } from './stage-schema.ts';
import type { StageName } from './stage-names.ts';

const managedIdentity = {
  identity: { kind: 'cognito' },
  workspaceClaim: 'custom:workspace',
  adminClaim: 'cognito:groups',
  adminValue: 'admin',
} as const;

/** Where Vite, and what builds on it, serves a page under development. */
const developmentServer = 'http://localhost:5173';

/** The edge is the dashboard's own origin, so no other one has to be allowed. */
const edge = { edge: 'on', accessLogs: true, allowedOrigins: [] } as const;

/** At 50 ms a request it is 1,000 requests a second for each, five times the throttle. */
const keptForUsers = { reservedConcurrency: 50 } as const;

/**
 * The stages with the values that differ from those of `stageSchema`, each enough to be deployed as it is. The context key
 * `stages.<name>` can replace any setting but the name; what belongs to one account, such as a domain, stands there.
 */
export const stages: Readonly<Record<StageName, StageSettings>> = {
  local: {
    name: 'local',
    identity: { kind: 'local' },
    workspaceClaim: 'workspace',
    adminClaim: 'groups',
    adminValue: 'admin',
    // One board for whoever tries it, and tokens that live as long as the trying.
    tokensWithoutWorkspace: 'default',
    tokenLifeSeconds: 2_592_000,
    // Besides the stack's own. The development server of a dashboard, as on the stage dev.
    allowedOrigins: [developmentServer],
    // One process, no billed reads: latency matters more than the number of reads.
    pollMinMs: 5,
    pollMaxMs: 20,
    retryMinMs: 200,
    retryMaxMs: 600,
    // Nothing holds chunks back here.
    paddingBytes: 0,
    // It is never deployed, so no account has to let it write one.
    socketAccessLogs: true,
    // Nothing runs on a schedule there, and the operators' page shows open connections themselves.
    gaugeMinutes: 0,
    // One machine stands for all clients of the load tests.
    throttleRate: 10_000,
    throttleBurst: 5_000,
  },
  dev: {
    ...managedIdentity,
    name: 'dev',
    allowedOrigins: [developmentServer],
  },
  // As production in everything but the data, which may go.
  staging: { ...managedIdentity, ...edge, ...keptForUsers, name: 'staging' },
  production: {
    ...managedIdentity,
    ...edge,
    ...keptForUsers,
    name: 'production',
    logRetentionDays: RetentionDays.THREE_MONTHS,
    removalPolicy: 'retain',
    pointInTimeRecovery: true,
    deletionProtection: true,
  },
};
