/** A version of a task as an ETag. */
export function entityTag(version: number): string {
  return `"${version}"`;
}
