export { backOff } from '../connection/backoff.ts';
export type { TaskFields } from '../http/task-api.ts';
export { TaskApi } from '../http/task-api.ts';
export type { TaskWriteOutcome } from './pending-write.ts';
export { newIdempotencyKey } from './repeated-sending.ts';
export { StateLoader } from './state-loader.ts';
export { changedFields } from './task-changes.ts';
export type { TaskFilter } from './task-filter.ts';
export type { TaskView } from './task-replica.ts';
export { TaskReplica } from './task-replica.ts';
export { createTaskStore } from './task-store.ts';
export type {
  CreateOptions,
  TaskStore,
  TaskStoreOptions,
  TaskStoreSnapshot,
  WriteOptions,
} from './task-store-types.ts';
export type { WriteOutcome } from './task-writes.ts';
export { TaskWrites } from './task-writes.ts';
