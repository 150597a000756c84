import { runCommand } from '../commands/command-line.ts';
import { buildPackage } from './client-package/build.ts';

const help = `npm run -s client:build

Compiles @taskwire/client into client/dist/, for the examples and for whoever links it. Nothing else in the repository needs it.`;

await runCommand({
  name: 'client:build',
  call: 'npm run -s client:build',
  help,
  options: {},
  run: () => buildPackage(),
});
