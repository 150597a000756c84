import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { announceStack, findRunningStacks } from '../../local/commands/running-stacks.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-running-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('notes of processes that run count, others are removed', () => {
  expect(findRunningStacks(path.join(directory, 'nowhere'))).toEqual([]);
  announceStack(9001, directory);
  // This process's parent runs as well; the largest process id does not.
  writeFileSync(path.join(directory, `${process.ppid}.json`), '{"port":8788}');
  writeFileSync(path.join(directory, '4194303999.json'), '{"port":7000}');
  for (const odd of ['0.json', '-1.json', 'note.json'])
    writeFileSync(path.join(directory, odd), '{"port":1}');
  expect(findRunningStacks(directory)).toEqual([8788, 9001]);
  expect(readdirSync(directory).toSorted()).toEqual(
    [`${process.pid}.json`, `${process.ppid}.json`].toSorted(),
  );
});

it('a note that is being written is no stack yet', () => {
  writeFileSync(path.join(directory, `${process.ppid}.json`), '{"po');
  expect(findRunningStacks(directory)).toEqual([9001]);
});

it('a place that cannot be written stops nobody', () => {
  writeFileSync(path.join(directory, 'file'), '');
  expect(() => announceStack(9001, path.join(directory, 'file'))).not.toThrow();
});
