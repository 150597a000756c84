export type { Viewer, ViewerState } from '../../protocol/awareness.ts';
export { createPresence } from './presence.ts';
export type { Presence, PresenceOptions } from './presence-types.ts';
