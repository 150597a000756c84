import type { Who } from './stack.ts';

/** Names a user of a workspace, who may be more than just that. */
export type UserOf = (sub: string, more?: Partial<Who>) => Who;

/** Gives workspaces that nobody has used before, each time another one; `prefix` keeps those of two suites apart. */
export function newWorkspaces(prefix: string): () => UserOf {
  let workspaces = 0;
  return () => {
    workspaces += 1;
    const workspace = `${prefix}-${workspaces}`;
    return (sub, more = {}) => ({ sub, workspace, ...more });
  };
}
