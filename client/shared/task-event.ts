import type { TaskEvent } from '../../protocol/events.ts';

/** Whether what a stream tells is about a task, and not about the stream or about other users. */
export function isTaskEvent(content: { readonly type: string }): content is TaskEvent {
  return content.type.startsWith('task.');
}
