import { QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** Queries of CloudWatch Logs Insights over the logs of all functions, by their names. docs/RUNBOOK.md says when to run which. */
const queries = {
  /** What failed, and how often; the newest of each kind. */
  trouble: {
    fields: [
      '@timestamp',
      'service',
      'message',
      'trouble',
      'error.name',
      'error.message',
      'function_request_id',
    ],
    filterStatements: ['ispresent(trouble)'],
    sort: '@timestamp desc',
    limit: 100,
  },
  /** Why streams and WebSockets ended. */
  ends: {
    fields: ['reason', 'transport', 'seconds', 'unheardSeconds'],
    filterStatements: ['message = "session ended"'],
    statsStatements: [
      'count(*) as ends, avg(seconds) as meanSeconds, max(unheardSeconds) as mostUnheard by reason, transport',
    ],
    sort: 'ends desc',
  },
  /** What happened to one request, or to one connection: put its name into the filter. */
  'one request': {
    fields: ['@timestamp', 'service', 'message', 'workspace', 'task', 'version', 'connection', 'reason'],
    filterStatements: ['correlationId = "…" or connection = "…"'],
    sort: '@timestamp asc',
    limit: 1000,
  },
  /** What the canary met, run by run; at which step it failed, and why. */
  canary: {
    fields: ['@timestamp', 'message', 'fault', 'error.message', 'writeToFrameMs', 'heldChunkMs'],
    filterStatements: ['service = "canary"', 'message like /^canary /'],
    sort: '@timestamp desc',
    limit: 100,
  },
  /** Invocations that ran into their time limit, and errors of the runtime. */
  'failed invocations': {
    fields: ['@timestamp', '@log', 'record.status', 'record.errorType', 'record.requestId'],
    filterStatements: ['type = "platform.report"', 'record.status != "success"'],
    sort: '@timestamp desc',
    limit: 100,
  },
} as const;

/** Saves queries that the runbook asks for, in the folder of the stage. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, stage: string, logGroups: readonly ILogGroup[]) {
    super(scope, id);
    for (const [name, { fields, filterStatements, sort, ...rest }] of Object.entries(queries)) {
      new QueryDefinition(this, name, {
        queryDefinitionName: `Taskwire/${stage}/${name}`,
        queryString: new QueryString({
          fields: [...fields],
          filterStatements: [...filterStatements],
          sort,
          ...('statsStatements' in rest && { statsStatements: [...rest.statsStatements] }),
          ...('limit' in rest && { limit: rest.limit }),
        }),
        logGroups: [...logGroups],
      });
    }
  }
}

/** The names of all saved queries. */
export const queryNames: readonly string[] = Object.keys(queries);
