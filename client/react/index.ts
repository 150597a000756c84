'use client';

export type { TokenOrNone, UseConnectionOptions } from './use-connection.ts';
export { useConnection, useConnectionStatus } from './use-connection.ts';
export { useTyping, useViewers } from './use-presence.ts';
export { useOpened } from './use-opened.ts';
export type { ReceivedEvent, UseTaskEventsOptions } from './use-task-events.ts';
export { useTaskEvents } from './use-task-events.ts';
export type { UsedTask } from './use-tasks.ts';
export { useTask, useTasks } from './use-tasks.ts';
