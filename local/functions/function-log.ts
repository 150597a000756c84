import { shorten } from '../../commands/fault-text.ts';
import type { LogLine } from './function-process.ts';

const shownLevels = new Set(['WARN', 'ERROR', 'FATAL']);

/**
 * Makes a log sink that prints the functions' lines on stderr, each after the name of its function.
 * @param isVerbose every line as it is; otherwise warnings and errors only, each in one short line.
 */
export function functionLog(isVerbose: boolean): (line: LogLine) => void {
  // Node prints where a process crashed as a place and the code there, which here is a bundle, with a mark below it.
  const crashing = new Set<string>();
  return (line) => {
    const { functionName, stream, text: whole } = line;
    if (stream === 'stderr' && crashing.delete(functionName)) return;
    if (/^ *\^+$/.test(whole)) return;
    if (stream === 'stderr' && crashPlace.test(whole)) crashing.add(functionName);
    const text = isVerbose ? whole : summarize(line);
    if (text !== undefined) console.error(`[${functionName}] ${text}`);
  };
}

/** Such as `file:///tmp/assembly/asset.1/index.mjs:1`. */
const crashPlace = /^(file:\/\/|\/|[A-Z]:\\).*\.[cm]?[jt]s:\d+$/;

/** A line as Powertools writes it, or as Lambda does where it logs by itself. */
interface JsonLine {
  readonly level?: unknown;
  readonly message?: unknown;
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
  readonly error?: { readonly name?: unknown; readonly message?: unknown };
}

/** Level, message and error of a JSON line; undefined for what only --verbose shows. */
function summarize({ text, stream }: LogLine): string | undefined {
  let line: JsonLine;
  try {
    line = JSON.parse(text) as JsonLine;
  } catch {
    // What the runtime or a crash printed.
    return stream === 'stderr' ? shorten(text) : undefined;
  }
  if (typeof line.level !== 'string' || !shownLevels.has(line.level)) return undefined;
  const { error: { name = line.errorType, message: why = line.errorMessage } = {}, message } = line;
  const reason = typeof why === 'string' ? `: ${String(name)}: ${why}` : '';
  return `${line.level} ${shorten(typeof message === 'string' ? message : JSON.stringify(message))}${reason}`;
}
