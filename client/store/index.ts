export type { TaskFields } from '../http/task-api.ts';
export type { TaskWriteOutcome } from './pending-write.ts';
export { newIdempotencyKey } from './repeated-sending.ts';
export { changedFields } from './task-changes.ts';
export type { TaskFilter } from './task-filter.ts';
export { createTaskStore } from './task-store.ts';
export type {
  CreateOptions,
  TaskStore,
  TaskStoreOptions,
  TaskStoreSnapshot,
  WriteOptions,
} from './task-store-types.ts';
