import type { Chapter, Treatment } from './classified.ts';
import type { GuideCommand } from './commands.ts';

/** All treatments of some chapters, in their order. */
export function treatmentsOf(chapters: readonly Chapter[]): readonly Treatment[] {
  return chapters.flatMap(({ sections }) => Object.values(sections).flat());
}

/**
 * Lines for what a document and its chapters do not have in common, or not in the same order; empty where they agree.
 * @param commands those of the document.
 */
export function disagreements(
  document: Chapter['document'],
  commands: readonly GuideCommand[],
  chapters: readonly Chapter[],
): readonly string[] {
  const inGuide = commands.map(({ section, text }) => `${section}: ${text}`);
  const inList = chapters
    .filter((chapter) => chapter.document === document)
    .flatMap(({ sections }) => Object.entries(sections))
    .flatMap(([section, all]) => all.map(({ text }) => `${section}: ${text}`));
  const left = [...inList];
  const unknown = inGuide.filter((each) => {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  const found = [
    ...unknown.map((each) => `tools/guide/classified.ts says nothing of: ${each}`),
    ...left.map((each) => `docs/${document} has no longer: ${each}`),
  ];
  if (found.length > 0) return found;
  const index = inGuide.findIndex((each, place) => each !== inList[place]);
  return index < 0 ? [] : [`in another order from here on: ${inGuide[index]}`];
}

/**
 * What is run of some chapters, in one shell and in their order.
 * @returns what is to be said before each command, and what is run.
 */
export function runnable(
  chapters: readonly Chapter[],
): readonly { readonly title: string; readonly run: readonly string[] }[] {
  return treatmentsOf(chapters).flatMap(({ text, why, instead, after }) => {
    if (why !== undefined && instead === undefined) return [];
    const run = [instead ?? text, ...(after === undefined ? [] : [after])];
    return [{ title: instead ?? text, run }];
  });
}
