import type { Treatment } from './classified.ts';
import type { GuideCommand } from './commands.ts';

/** Those of some commands, by the heading that they stand under. */
export type Treatments = Readonly<Record<string, readonly Treatment[]>>;

/** Lines for what the guide and the list of treatments do not have in common, or not in the same order; empty where they agree. */
export function disagreements(commands: readonly GuideCommand[], treatments: Treatments): readonly string[] {
  const inGuide = commands.map(({ section, text }) => `${section}: ${text}`);
  const inList = Object.entries(treatments).flatMap(([section, all]) =>
    all.map(({ text }) => `${section}: ${text}`),
  );
  const left = [...inList];
  const unknown = inGuide.filter((each) => {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  const found = [
    ...unknown.map((each) => `tools/guide/classified.ts says nothing of: ${each}`),
    ...left.map((each) => `docs/DEPLOY.md has no longer: ${each}`),
  ];
  if (found.length > 0) return found;
  const index = inGuide.findIndex((each, place) => each !== inList[place]);
  return index < 0 ? [] : [`in another order from here on: ${inGuide[index]}`];
}

/**
 * What is run of the guide, in one shell and in its order.
 * @returns what is to be said before each command, and what is run.
 */
export function runnable(
  treatments: Treatments,
): readonly { readonly title: string; readonly run: readonly string[] }[] {
  return Object.values(treatments)
    .flat()
    .flatMap(({ text, why, instead, after }) => {
      if (why !== undefined && instead === undefined) return [];
      const run = [instead ?? text, ...(after === undefined ? [] : [after])];
      return [{ title: instead ?? text, run }];
    });
}
