import { compilePolicy } from './evaluator.ts';
import type { PolicyEvaluator } from './evaluator.ts';
import type { RequiredPermission } from './request-actions.ts';

/** A function as IAM sees it. */
export interface Principal {
  /** Name for reports. */
  readonly functionName: string;
  readonly roleName: string;
  readonly accountId: string;
  readonly statements: readonly unknown[];
}

/** How often one function asked for one thing, and what the answer was. */
export interface AccessDecision {
  readonly functionName: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
  count: number;
}

const unknownToken = 'The security token included in the request is invalid.';

interface Identity {
  readonly principal: Principal;
  readonly policy: PolicyEvaluator;
  readonly decisions: Map<string, AccessDecision>;
}

/**
 * Holds what each function may do and remembers every decision.
 * Callers are known by access key id; each function has its own.
 */
export class AccessControl {
  readonly #identities = new Map<string, Identity>();

  /** @throws {CommandError} when the policy has a form that the evaluator does not understand */
  register(accessKeyId: string, principal: Principal): void {
    this.#identities.set(accessKeyId, {
      principal,
      policy: compilePolicy(principal.statements, principal.roleName),
      decisions: new Map(),
    });
  }

  /**
   * Decides on one request.
   * @returns undefined when everything is allowed, else AWS's sentence for the first thing that is not.
   */
  deny(accessKeyId: string, permissions: readonly RequiredPermission[]): string | undefined {
    const identity = this.#identities.get(accessKeyId);
    if (identity === undefined) return unknownToken;
    for (const { action, resource } of permissions) {
      const key = `${action} ${resource}`;
      let decision = identity.decisions.get(key);
      if (decision === undefined) {
        const { functionName } = identity.principal;
        decision = {
          functionName,
          action,
          resource,
          allowed: identity.policy.allows(action, resource),
          count: 0,
        };
        identity.decisions.set(key, decision);
      }
      decision.count++;
      if (!decision.allowed) return denialText(identity.principal, action, resource);
    }
    return undefined;
  }

  /**
   * Tells whether a request would be refused, for what a function must be allowed before it needs it. Nothing was
   * used, so {@link decisions} does not hold it.
   * @returns undefined when it is allowed, else AWS's sentence.
   */
  foresee(accessKeyId: string, { action, resource }: RequiredPermission): string | undefined {
    const identity = this.#identities.get(accessKeyId);
    if (identity?.policy.allows(action, resource) === true) return undefined;
    return identity === undefined ? unknownToken : denialText(identity.principal, action, resource);
  }

  /** The function that an access key belongs to; empty for a key that is not known. */
  functionName(accessKeyId: string): string {
    return this.#identities.get(accessKeyId)?.principal.functionName ?? '';
  }

  /** Every decision so far, one entry for each function, action and resource. */
  decisions(): AccessDecision[] {
    return [...this.#identities.values()].flatMap(({ decisions }) =>
      [...decisions.values()].map((decision) => ({ ...decision })),
    );
  }
}

function denialText(principal: Principal, action: string, resource: string): string {
  const user = `arn:aws:sts::${principal.accountId}:assumed-role/${principal.roleName}/${principal.functionName}`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}
