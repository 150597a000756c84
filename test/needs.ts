/** Tests that need something of the machine. */
export interface Need {
  /** Their folder. */
  readonly tests: string;
  /** Whether it is here. */
  readonly isMet: boolean;
  /** What to do when it is not. */
  readonly advice: string;
}

/**
 * Which tests a run leaves out because the machine lacks what they need, and a line to print about each. In CI they are run
 * all the same, and fail: unless nobody asked for them, as where a run is of some folder only.
 */
export function leaveOut(
  needs: readonly Need[],
  ci: boolean,
): { readonly leftOut: readonly string[]; readonly notes: readonly string[] } {
  const missing = needs.filter(({ isMet }) => !isMet);
  return {
    leftOut: ci ? [] : missing.map(({ tests }) => tests),
    notes: missing.map(({ tests, advice }) => `${tests} ${ci ? 'cannot pass' : 'is left out'}: ${advice}`),
  };
}
