const longestValue = 120;

/**
 * Gives a value as Markdown code on one line. What a template holds is the author's of the change: nothing of it may
 * become a link, a mention or HTML in the comment.
 * @param longest characters after which the value is cut.
 */
export function code(value: string, longest: number = longestValue): string {
  const line = value.replaceAll(/\s+/g, ' ').replaceAll('`', 'ˋ');
  return `\`${line.length > longest ? `${line.slice(0, longest)} …` : line}\``;
}

/** Gives a change of a value as Markdown. */
export function change(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return `set to ${code(after ?? '')}`;
  if (after === undefined) return `no longer ${code(before)}`;
  return `${code(before)} → ${code(after)}`;
}

/** Gives the name of a resource and, where it says more, its type. */
export function named({ name, type }: { readonly name: string; readonly type: string }): string {
  return `**${code(name)}** (${type})`;
}
