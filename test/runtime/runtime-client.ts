import { join } from 'node:path';

/** AWS's runtime client, where `scripts/install-runtime-client.sh` puts it. */
export const runtimeClientFile = join(
  import.meta.dirname,
  '../../.taskwire/runtime-client/node_modules/aws-lambda-ric/index.mjs',
);
