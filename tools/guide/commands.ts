/** A command of the guide, as somebody pastes it. */
export interface GuideCommand {
  /** The heading that it stands under. */
  readonly section: string;
  /** The whole of it, with the lines that it goes on in. */
  readonly text: string;
}

const block = /^```bash\n([^]*?)^```$/gm;
const heading = /^#{2,} (.+)$/gm;
/** What begins a command of several lines, and what ends it. */
const begins = /^(for|while|if) /;
const ends = /^(done|fi)\b/;
/** What begins a text that a command is given, and names the line that ends it. */
const given = / <<-? ?'?(\w+)'?$/;

/**
 * The commands of all blocks of a document that are marked as `bash`, in their order. Lines that end in a backslash go on, and
 * so do a loop and a text that is given, up to its end; comments are left out.
 */
export function guideCommands(markdown: string): readonly GuideCommand[] {
  const headings = [...markdown.matchAll(heading)].map(({ index, 1: title }) => ({ index, title: title! }));
  return [...markdown.matchAll(block)].flatMap(({ index, 1: body = '' }) => {
    const section = headings.findLast((each) => each.index < index)?.title ?? '';
    return commandsOf(body).map((text) => ({ section, text }));
  });
}

function commandsOf(body: string): string[] {
  const commands: string[] = [];
  let open: string[] = [];
  let depth = 0;
  let endOfText: string | undefined;
  for (const line of body.split('\n')) {
    if (endOfText === undefined && (line.trim() === '' || line.startsWith('#'))) continue;
    open.push(line);
    if (endOfText === undefined) endOfText = given.exec(line)?.[1];
    else if (line === endOfText) endOfText = undefined;
    if (endOfText !== undefined) continue;
    if (begins.test(line)) depth += 1;
    // A loop that is on one line ends there.
    if (ends.test(line) || (begins.test(line) && /; (done|fi)$/.test(line))) depth -= 1;
    if (depth > 0 || line.endsWith('\\')) continue;
    commands.push(open.join('\n'));
    open = [];
  }
  if (open.length > 0) throw new SyntaxError(`a command of the guide has no end: ${open.join('\n')}`);
  return commands;
}
