import { readFileSync } from 'node:fs';
import type { ConnectOptions, Connection } from '../../client/index.ts';
import { connect } from '../../client/index.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { waitUntil } from '../wait-until.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, snippet = ''] = /```javascript\n(import[^]*?)```/.exec(readme) ?? [];

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

it('the example of the README is five lines, and goes on after its token has expired', async () => {
  expect(snippet.trim().split('\n').length).toBeLessThanOrEqual(5);
  const who = { sub: 'ana', workspace: 'readme' };
  const said: string[] = [];
  const conditions = new Conditions();
  const opened: Connection[] = [];
  const tokens: number[] = [];
  const surroundings = {
    connect: (options: ConnectOptions) => {
      const connection = connect({ ...options, url: stack.local.url });
      opened.push(connection);
      return connection;
    },
    session: {
      token: () => {
        tokens.push(tokens.length);
        return stack.local.issuer.sign({ ...who, expiresIn: 8 });
      },
    },
    console: {
      log: (...words: unknown[]) => {
        said.push(words.join(' '));
        conditions.check();
      },
    },
  };
  const code = snippet.replace(/^import.*$/m, '');
  // oxlint-disable-next-line typescript/no-implied-eval -- it is what users copy
  new Function(...Object.keys(surroundings), code)(...Object.values(surroundings));
  const until = (isSo: () => boolean): Promise<void> => waitUntil(conditions, isSo, () => said);
  await until(() => said.includes('live '));
  for (let count = 1; tokens.length < 3; count += 1) {
    await stack.request(who, 'POST', '/tasks', { name: `task ${count}` });
    await until(() => said.includes(`task.created ${count}`));
  }
  const told = said.filter((line) => line.startsWith('task.created'));
  expect(told).toEqual(told.map((_, index) => `task.created ${index + 1}`));
  expect(said.join('\n')).not.toContain('denied');
  opened[0]!.close();
});
