import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { entrySizes, sizeLimit } from './client-package/bundle.ts';
import { project } from './client-package/entries.ts';
import { faultsOfPackage, packClient } from './client-package/pack.ts';

const help = `npm run -s client:pack

Builds @taskwire/client and packs it as it would be published, into .taskwire/client-package. Prints what each entry weighs
minified, by gzip, with all that it imports but React, and what publint and Are The Types Wrong find in the tarball. Fails
for a fault, or an entry of more than ${sizeLimit} bytes.`;

async function main(): Promise<number> {
  const { file } = await packClient(path.join(project, '.taskwire', 'client-package'));
  const faults = [...(await faultsOfPackage(file))];
  for (const [entry, bytes] of await entrySizes()) {
    console.log(
      `${String(bytes).padStart(6)} bytes of ${sizeLimit}  ${path.posix.join('@taskwire/client', entry)}`,
    );
    if (bytes > sizeLimit) faults.push(`size: ${entry} is larger than it may be`);
  }
  for (const fault of faults) console.error(fault);
  console.log(path.relative(process.cwd(), file));
  return faults.length === 0 ? 0 : 1;
}

await runCommand({
  name: 'client:pack',
  call: 'npm run -s client:pack',
  help,
  options: {},
  run: main,
});
