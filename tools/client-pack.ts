import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { entrySizes } from './client-package/bundle.ts';
import { manifest, project } from './client-package/entries.ts';
import { faultsOfPackage, packClient } from './client-package/pack.ts';

const help = `npm run -s client:pack

Builds @taskwire/client and packs it as it would be published, into .taskwire/client-package. Prints what each entry weighs,
minified and by gzip, with its dependencies and without what users install besides, such as React; what is imported only
where it is used is counted apart. Prints what publint and Are The Types Wrong find in the tarball. Fails for such a fault,
and for an entry that weighs more than it may.`;

async function main(): Promise<number> {
  const { file } = await packClient(path.join(project, '.taskwire', 'client-package'));
  const faults = [...(await faultsOfPackage(file))];
  for (const [entry, { atOnce, later, limit }] of await entrySizes()) {
    const name = path.posix.join(manifest.name, entry);
    console.log(`${atOnce} bytes of ${limit}, and ${later} where they are used: ${name}`);
    if (atOnce > limit) faults.push(`size: ${name} is larger than it may be`);
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
