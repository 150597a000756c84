import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Credential } from '../../lambdas/canary/credential.ts';

/** Stores the credential of a canary, in place of the one that is there. */
export async function storeCredential(name: string, credential: Credential): Promise<void> {
  const command = new PutParameterCommand({
    Name: name,
    Description: 'How the canary of Taskwire signs in.',
    Type: 'SecureString',
    Value: JSON.stringify(credential),
    Overwrite: true,
  });
  await new SSMClient().send(command);
}
