import { pathOf } from '../../lambdas/shared/http/path.ts';

describe('the path of a request', () => {
  it.each([
    ['$default', '/tasks', '/tasks'],
    ['$default', '/tasks/', '/tasks'],
    ['$default', '/tasks/7/', '/tasks/7'],
    ['$default', '/tasks//', '/tasks//'],
    ['$default', '/', '/'],
    ['$default', '/$default/tasks', '/$default/tasks'],
    ['edge', '/edge/tasks', '/tasks'],
    ['edge', '/edge/tasks/', '/tasks'],
    ['edge', '/edge/edge/tasks', '/edge/tasks'],
    ['edge', '/edgetasks', '/edgetasks'],
    ['edge', '/edge/', '/'],
    ['edge', '/edge', '/edge'],
  ])('that came by the stage %s as %s is %s', (stage, rawPath, path) => {
    expect(pathOf({ rawPath, requestContext: { stage } })).toBe(path);
  });
});
