import type { Place } from '../../protocol/web-socket.ts';
import type { Position } from '../log/cursor.ts';

/** A position as clients of a WebSocket compare it. */
export function placeOf({ segment, change, frame }: Position): Place {
  return [segment, change, frame];
}
