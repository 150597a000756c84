/** Whether this page can share a stream: in Node, and where the page did not come over TLS or from this machine, it cannot. */
export function canShare(): boolean {
  return (
    // Node has channels and locks, and no contexts.
    'isSecureContext' in globalThis &&
    isSecureContext &&
    'locks' in navigator &&
    typeof BroadcastChannel === 'function'
  );
}
