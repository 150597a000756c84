import { useEffect, useState } from 'react';
import type { ConnectionStatus } from '../../client/index.ts';

/** Shorter interruptions are not worth a word, milliseconds. */
const settleMs = 1200;

/** The status for people: a live connection that recovers at once is shown as live all the while. */
export function useSettledStatus(status: ConnectionStatus): ConnectionStatus {
  const isRecovering = status.state === 'recovering';
  const [before, setBefore] = useState(status);
  const [isLong, setIsLong] = useState(false);
  if (!isRecovering && before !== status) setBefore(status);
  useEffect(() => {
    if (!isRecovering) return undefined;
    const timer = setTimeout(() => setIsLong(true), settleMs);
    return () => {
      clearTimeout(timer);
      setIsLong(false);
    };
  }, [isRecovering]);
  return isRecovering && !isLong && before.state === 'live' ? before : status;
}
