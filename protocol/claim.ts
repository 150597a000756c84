type Claims = Readonly<Record<string, unknown>>;

/**
 * The value of a claim, by its configured name. A claim of that very name counts first, with whatever dots it has
 * (`https://example.com/roles`); else a dot leads into an object (`realm_access.roles`), whose keys may have dots themselves
 * (`resource_access.my.client.roles`). Inherited properties are no claims.
 * @returns undefined where the token has no such claim.
 */
export function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const outer = name.slice(0, dot);
    const inner = Object.hasOwn(claims, outer) ? claims[outer] : undefined;
    const value = isObject(inner) ? readClaim(inner, name.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
