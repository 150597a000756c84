/** Claims of a token, the name of one as it is configured, and its value. The functions and the page must agree. */
export const claimSamples: readonly [object, string, unknown][] = [
  [{ roles: ['admin'] }, 'roles', ['admin']],
  [{ 'cognito:groups': ['admin'] }, 'cognito:groups', ['admin']],
  [{ 'https://x.example/y.z': ['admin'] }, 'https://x.example/y.z', ['admin']],
  [{ realm_access: { roles: ['admin'] } }, 'realm_access.roles', ['admin']],
  [{ resource_access: { 'my.client': { roles: ['admin'] } } }, 'resource_access.my.client.roles', ['admin']],
  [{ 'https://x.example/y': { role: 'admin' } }, 'https://x.example/y.role', 'admin'],
  // The claim of that very name counts, though it says less.
  [{ 'realm_access.roles': [], realm_access: { roles: ['admin'] } }, 'realm_access.roles', []],
  [{ 'realm_access.roles': null, realm_access: { roles: ['admin'] } }, 'realm_access.roles', null],
  [{ realm_access: ['roles'] }, 'realm_access.length', undefined],
  [{ realm_access: 'roles' }, 'realm_access.length', undefined],
  [{ realm_access: null }, 'realm_access.roles', undefined],
  [{ realm_access: {} }, 'realm_access.constructor.name', undefined],
  [{}, 'constructor.name', undefined],
  [{}, '__proto__', undefined],
  [{ a: { b: { c: 'deep' } }, 'a.b': { c: 'flat' } }, 'a.b.c', 'deep'],
  [{ a: { b: {} }, 'a.b': { c: 'flat' } }, 'a.b.c', 'flat'],
];
