/** The option of every command that changes something: without it nothing is changed. */
export const applyOptions = { apply: { type: 'boolean', default: false } } as const;

/** How `help` explains it. */
export const applyHelp =
  '  --apply                 do it; without it, say what it would do, and change nothing';

/** The last line of a dry run that has found something to do. */
export const dryRunNote = 'nothing was changed: this was a dry run; --apply does it';
