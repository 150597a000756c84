import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Observer } from '../../../core/observer.ts';
import { PresenceStore } from '../dynamodb/presence-store.ts';
import { StoredTasks } from '../dynamodb/stored-tasks.ts';
import { SubscriberStore } from '../dynamodb/subscriber-store.ts';
import { TypingStore } from '../dynamodb/typing-store.ts';
import { handOnOrder, HandOnTimeout } from '../push/hand-on.ts';
import { createLambdaClient, PushFunction } from '../push/push-function.ts';
import { systemClock } from '../runtime/clock.ts';
import { AwarenessService } from './awareness-service.ts';

/** Where a function finds what it needs to say something of users. */
export interface AwarenessSettings {
  readonly CONNECTIONS_TABLE: string;
  readonly TASKS_TABLE: string;
  readonly PUSH_FUNCTION: string;
}

/**
 * How long whoever says something may wait until it is handed on, milliseconds. As long as a fan-out has: for a process that has
 * to connect first, and for one whose neighbours take the processor. What is not handed on nobody hears of over a WebSocket
 * before it changes.
 */
const handOnMs = 2000;

/** Makes what says who is there and who types, once a process. */
export function createAwareness(
  client: DynamoDBDocumentClient,
  { CONNECTIONS_TABLE: table, TASKS_TABLE: tasksTable, PUSH_FUNCTION: pushFunction }: AwarenessSettings,
  observer: Pick<Observer, 'trouble'>,
): AwarenessService {
  const subscribers = new SubscriberStore(client, table);
  const push = new PushFunction(createLambdaClient(), pushFunction);
  return new AwarenessService({
    presence: new PresenceStore(client, table),
    typing: new TypingStore(client, table),
    tasks: new StoredTasks(client, tasksTable),
    handOn: async (workspace, said) => {
      const signal = AbortSignal.timeout(handOnMs);
      try {
        await handOnOrder({ workspace, said }, { subscribers, push }, signal);
      } catch (error) {
        const cause = signal.aborted ? new HandOnTimeout(`not in ${handOnMs} ms`) : error;
        observer.trouble('what was said of users was not handed on to be pushed', cause);
      }
    },
    observer,
    now: Date.now,
    pause: (milliseconds) => systemClock.sleep(milliseconds),
  });
}
