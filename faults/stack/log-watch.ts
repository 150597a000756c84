import type { LogLine } from '../../local/functions/function-process.ts';
import { findSecret } from '../../tools/secrets/find-secrets.ts';

/** Looks for secrets in all that the functions of a stack log, whatever fault made them log it. */
export class LogWatch {
  readonly #signatures = new Set<string>();
  readonly #found: string[] = [];

  /** Notes a token that is used, so that even its last part is known in a log. */
  remember(token: string): void {
    this.#signatures.add(token.slice(token.lastIndexOf('.') + 1));
  }

  /** Takes a line of a log. */
  readonly inspect = ({ functionName, text }: LogLine): void => {
    const secret = findSecret(text, this.#signatures);
    if (secret === undefined) return;
    this.#found.push(`${functionName} logged ${secret.what}: ${secret.redacted.slice(0, 500)}`);
  };

  /** What was found since the last call, in words. */
  take(): string[] {
    return this.#found.splice(0);
  }
}
