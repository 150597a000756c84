import { entityTag } from '../../protocol/entity-tag.ts';
import { Refusal } from '../refusal.ts';

/** Which versions of a task a write is meant for. */
export interface IfMatch {
  /** What the header says; null where there is none. */
  readonly text: string | null;
  /** The entity tags in it; undefined where any version will do, or where it is malformed. */
  readonly tags?: readonly string[] | undefined;
  readonly isMalformed: boolean;
}

/** An entity tag, weak or strong, and a list of them. Source: RFC 9110, 8.8.3 and 13.1.1. */
const entityTagPattern = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/.source;
const entityTags = new RegExp(
  `^[ \\t,]*${entityTagPattern}(?:[ \\t]*,[ \\t,]*${entityTagPattern})*[ \\t,]*$`,
);

/** Reads the header `If-Match`. */
export function readIfMatch(header: string | undefined): IfMatch {
  const text = header?.trim() ?? null;
  if (header === undefined || text === '*') return { text, isMalformed: false };
  if (!entityTags.test(header)) return { text, isMalformed: true };
  return { text, tags: header.match(new RegExp(entityTagPattern, 'g')) ?? [], isMalformed: false };
}

/**
 * Makes sure that a write is meant for a version. Any version matches `*`; a weak tag matches none, nor does a tag that no
 * task of ours can have.
 * @throws {Refusal} `invalid_header` or `version_mismatch`.
 */
export function checkIfMatch({ tags, isMalformed }: IfMatch, version: number): void {
  if (isMalformed) {
    throw new Refusal('invalid_header', 'If-Match must be * or ETags of the task, as in If-Match: "3"');
  }
  const tag = entityTag(version);
  if (tags === undefined || tags.includes(tag)) return;
  const message = `the task is at version ${version}: load it again, then repeat the change with If-Match: ${tag}`;
  throw new Refusal('version_mismatch', message, { version });
}
