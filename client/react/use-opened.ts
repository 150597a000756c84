import { useMemo, useSyncExternalStore } from 'react';

/** What is not there yet tells nothing, and has nothing. */
const never = () => (): void => {};
export const none: readonly never[] = [];

/**
 * What is now: renders when that is something else.
 * @param subscribe tells of changes; undefined while there is nothing that changes.
 * @param now the same value as long as nothing changes.
 * @param before what a server renders.
 */
export function useNow<Value>(
  subscribe: ((listener: () => void) => () => void) | undefined,
  now: () => Value,
  before: Value,
): Value {
  return useSyncExternalStore(subscribe ?? never, now, () => before);
}

/**
 * Keeps something open while the component is mounted, such as a store of tasks: it is opened after the render that asks for
 * it, so never on a server, and closed before another is opened in its place.
 * @param open opens it; undefined where there is to be none.
 * @param dependencies as those of an effect: where one is another, it is closed, and another is opened.
 * @returns undefined until it is open, from the first render with other dependencies on.
 */
export function useOpened<Value extends { readonly close: () => void }>(
  open: (() => Value) | undefined,
  dependencies: readonly unknown[],
): Value | undefined {
  const { subscribe, getSnapshot } = useMemo(() => opening(open), dependencies);
  return useNow(subscribe, getSnapshot, undefined);
}

/** A store of React's, of which the value is there as long as somebody subscribes. */
function opening<Value extends { readonly close: () => void }>(open: (() => Value) | undefined) {
  let value: Value | undefined;
  return {
    getSnapshot: (): Value | undefined => value,
    subscribe: (listener: () => void): (() => void) => {
      value = open?.();
      listener();
      return () => {
        value?.close();
        value = undefined;
      };
    },
  };
}
