import { shorten } from '../../commands/fault-text.ts';
import { CommandError } from '../../commands/command-error.ts';

/** What is wrong and what to do, where that is known, in one line. */
export function explain(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  if (fault instanceof CommandError) return fault.message;
  const { name } = fault;
  const [message = ''] = fault.message.split('\n');
  if (isAboutCredentials(fault)) {
    return `AWS takes no credentials from here (${name}: ${message}): sign in, for example with aws sso login, and set AWS_PROFILE`;
  }
  if (/^Region (is missing|not accepted)/.test(message)) return 'the region is not known: set AWS_REGION';
  if (name.startsWith('AccessDenied')) return `the credentials lack a right: ${message}`;
  if (name === 'NoSuchBucket') return `there is no such bucket: check --bucket, AWS_PROFILE and AWS_REGION`;
  if (name === 'ResourceNotFoundException') {
    return 'there is no such table: check its name, AWS_PROFILE, AWS_REGION and --endpoint';
  }
  const { code, path } = fault as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing answers there: check that the stack runs, and --endpoint';
  if (code !== undefined && noWay.has(code)) {
    return `there is no way to ${(fault as { readonly hostname?: string }).hostname ?? 'the server'} (${code}): check the network, AWS_REGION and --endpoint`;
  }
  if (code === 'ENOENT') return `there is no ${path}`;
  return shorten(`${name}: ${message}`);
}

/** Error codes of Node.js for a server that cannot be reached. */
const noWay = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET']);

const credentialFaults = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

/** Whether no other batch will fare better. */
export function isAboutCredentials(fault: unknown): boolean {
  return fault instanceof Error && credentialFaults.has(fault.name);
}
