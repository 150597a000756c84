/** Says to the host of a function how far its clock is off, milliseconds. The functions themselves never read it. */
export const clockSkewVariable = 'TASKWIRE_LOCAL_CLOCK_SKEW_MS';

/** Puts this process's `Date` off by so many milliseconds. Timers keep their pace, as on a machine whose clock is wrong. */
export function skewClock(milliseconds: number): void {
  const TrueDate = Date;
  const now = (): number => TrueDate.now() + milliseconds;
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as object,
    // `Date()` without `new` gives the time as text, whatever its arguments are.
    apply: () => new TrueDate(now()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
}
