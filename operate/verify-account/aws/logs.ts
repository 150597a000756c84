import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  GetQueryResultsCommand,
  paginateFilterLogEvents,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Aws, SavedQuery, WatchedFunction } from './aws.ts';

const mostPages = 10;
const queryPauseMs = 1000;
const mostLooks = 60;
const over = new Set(['Complete', 'Failed', 'Cancelled', 'Timeout']);

/** The part of {@link Aws} that CloudWatch Logs has. */
export function openLogs(
  stage: string,
  logGroupOf: (name: WatchedFunction) => Promise<string>,
): Pick<Aws, 'logLines' | 'savedQueries' | 'runQuery'> {
  const client = new CloudWatchLogsClient();
  return {
    logLines: async (name, pattern, from) => {
      const lines: string[] = [];
      const input = { logGroupName: await logGroupOf(name), filterPattern: pattern, startTime: from };
      let pages = 0;
      for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) {
        lines.push(...events.flatMap(({ message }) => message ?? []));
        pages += 1;
        if (pages === mostPages) break;
      }
      return lines;
    },
    savedQueries: async () => {
      const folder = `Taskwire/${stage}/`;
      const { queryDefinitions = [] } = await client.send(
        new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: folder }),
      );
      return queryDefinitions.map(({ name = '', queryString = '', logGroupNames = [] }): SavedQuery => {
        return { name: name.slice(folder.length), text: queryString, logGroups: logGroupNames };
      });
    },
    runQuery: async ({ text, logGroups }, { from, to }) => {
      const { queryId } = await client.send(
        new StartQueryCommand({
          queryString: text,
          logGroupNames: [...logGroups],
          startTime: Math.floor(from / 1000),
          endTime: Math.ceil(to / 1000),
        }),
      );
      for (let look = 0; look < mostLooks; look += 1) {
        const { status = 'Unknown' } = await client.send(new GetQueryResultsCommand({ queryId }));
        if (over.has(status)) return status;
        await wait(queryPauseMs);
      }
      return 'Running';
    },
  };
}
