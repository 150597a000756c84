import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestStack } from '../end-to-end/stack.ts';
import { takeLeaks } from './log-watch.ts';

let assembly: string;
beforeAll(() => {
  assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-talkative-'));
  cpSync(process.env['TASKWIRE_TEMPLATE_DIRECTORY']!, assembly, { recursive: true });
});
afterAll(() => rmSync(assembly, { recursive: true }));

describe('a stack whose functions log a token to their last moment', () => {
  it('says so when it is closed', async () => {
    const talk = `setInterval(() => console.log('authorization: 0123456789abcdef'), 1);`;
    const bundles = globSync(path.join(assembly, 'asset.*', 'index.mjs'));
    expect(bundles.length).toBeGreaterThan(0);
    for (const bundle of bundles) writeFileSync(bundle, `${talk}\n${readFileSync(bundle, 'utf8')}`);
    const stack = await TestStack.start({ assembly });
    // What came until now fails the test in the usual way; this is about what comes from here on.
    expect(takeLeaks().length).toBeGreaterThan(0);
    await expect(stack.close()).rejects.toThrow('logged an Authorization header');
    expect(takeLeaks()).toEqual([]);
  });
});
