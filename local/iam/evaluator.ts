import { CommandError } from '../../commands/command-error.ts';

/** Decides what one role may do, from the identity policies that the template grants it. */
export interface PolicyEvaluator {
  /** True when a statement allows the action (`dynamodb:PutItem`) on the resource (an ARN). */
  readonly allows: (action: string, resource: string) => boolean;
}

/** Wildcards: only `*` at the end, or alone. `?` and `*` elsewhere are refused. */
interface Pattern {
  readonly text: string;
  readonly isPrefix: boolean;
}

interface Statement {
  readonly actions: readonly Pattern[];
  readonly resources: readonly Pattern[];
}

const understoodKeys = new Set(['Sid', 'Effect', 'Action', 'Resource']);

/**
 * Builds an evaluator of exactly the policy forms that the stack synthesizes: Allow statements with lists of actions
 * and resources, each exact or ending in `*`. AWS compares actions without regard to case.
 * @param statements IAM statements with resolved values.
 * @param owner names the role in errors.
 * @throws {CommandError} for anything else (Deny, NotAction, NotResource, Condition, inner wildcards): a policy that
 *   is misread here would hide a missing permission.
 */
export function compilePolicy(statements: readonly unknown[], owner: string): PolicyEvaluator {
  const compiled = statements.map((statement) => compileStatement(statement, owner));
  return {
    allows: (action, resource) => {
      const lowerCaseAction = action.toLowerCase();
      return compiled.some(
        (statement) =>
          statement.actions.some((pattern) => matches(pattern, lowerCaseAction)) &&
          statement.resources.some((pattern) => matches(pattern, resource)),
      );
    },
  };
}

function compileStatement(statement: unknown, owner: string): Statement {
  const refuse = (what: string): never => {
    throw new CommandError(
      `the policy of ${owner} has ${what}, which the local policy evaluator does not understand`,
    );
  };
  if (typeof statement !== 'object' || statement === null) return refuse('a statement that is no object');
  const { Effect, Action, Resource } = statement as Record<string, unknown>;
  for (const key of Object.keys(statement)) {
    if (!understoodKeys.has(key)) refuse(`a statement with ${key}`);
  }
  if (Effect !== 'Allow') refuse(`the effect ${String(Effect)}`);
  return {
    actions: texts(Action).map((text) => compilePattern(text.toLowerCase(), refuse)),
    resources: texts(Resource).map((text) => compilePattern(text, refuse)),
  };

  function texts(value: unknown): string[] {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0) refuse('an empty list');
    return list.map((item) =>
      typeof item === 'string' ? item : refuse(`the value ${JSON.stringify(item)}`),
    );
  }
}

function compilePattern(text: string, refuse: (what: string) => never): Pattern {
  const isPrefix = text.endsWith('*');
  const literal = isPrefix ? text.slice(0, -1) : text;
  // `${aws:…}` is a policy variable: compared as a literal it would never match.
  if (/[*?]|\$\{/.test(literal)) refuse(`the pattern ${text}`);
  return { text: literal, isPrefix };
}

function matches(pattern: Pattern, value: string): boolean {
  return pattern.isPrefix ? value.startsWith(pattern.text) : value === pattern.text;
}
