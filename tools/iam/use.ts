import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AccessDecision } from '../../local/iam/access-control.ts';
import { reportPrefix } from './grants.ts';

/**
 * Notes what the functions of one stack asked AWS for, as a file of the directory.
 * @param directory made when it is not there.
 * @param prefix of the stack's physical names; names the file, so each stack of a run needs one of its own.
 */
export function recordUse(directory: string, prefix: string, decisions: readonly AccessDecision[]): void {
  const use = decisions.map((decision) => ({
    ...decision,
    resource: decision.resource.replaceAll(`${prefix}-`, `${reportPrefix}-`),
  }));
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, `${prefix}.json`), JSON.stringify(use));
}

/**
 * Gives all that was noted in a directory, one entry for each function, action, resource and answer.
 * @throws {Error} when nothing was: a report on no use would call every grant needless.
 */
export function readUse(directory: string): AccessDecision[] {
  const merged = new Map<string, AccessDecision>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    const decisions = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as AccessDecision[];
    for (const decision of decisions) {
      const key = JSON.stringify([
        decision.functionName,
        decision.action,
        decision.resource,
        decision.allowed,
      ]);
      const same = merged.get(key);
      if (same === undefined) merged.set(key, decision);
      else same.count += decision.count;
    }
  }
  if (merged.size === 0) throw new Error(`${directory} holds no use: run the end-to-end tests first`);
  return [...merged.values()];
}
