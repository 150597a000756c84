import { join } from 'node:path';

/** What to do where it is missing. */
export const runtimeClientAdvice = 'run tools/install-runtime-client.sh';

/** AWS's runtime client, where `tools/install-runtime-client.sh` puts it. */
export const runtimeClientFile = join(
  import.meta.dirname,
  '../../.taskwire/runtime-client/node_modules/aws-lambda-ric/index.mjs',
);
