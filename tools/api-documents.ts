import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { apiDocuments } from './api/documents.ts';

const help = `npm run -s api:documents

Writes docs/openapi.json and docs/asyncapi.json anew from protocol/ and tools/api/. Run it after a change of either; npm test
fails where they differ.`;

await runCommand({
  name: 'api:documents',
  call: 'npm run -s api:documents',
  help,
  options: {},
  run: async () => {
    for (const [path, text] of Object.entries(apiDocuments())) {
      writeFileSync(join(import.meta.dirname, '..', path), text);
      console.log(path);
    }
  },
});
