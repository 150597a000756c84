import { CfnParameter } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';

/** Where the local stage is reached. The values hold a reference to the parameter, not a number. */
export interface LocalAddress {
  /** Issuer of the development tokens, without a trailing slash. */
  readonly issuer: string;
  /** The two origins under which a browser on this machine opens the dashboard. */
  readonly origins: readonly string[];
}

/**
 * Adds the parameter `LocalPort` to the stack and gives the addresses that follow from it. A parameter, so
 * that one synthesized template serves any port.
 */
export function localAddress(stack: Stack): LocalAddress {
  const port = new CfnParameter(stack, 'LocalPort', {
    type: 'Number',
    default: 8788,
    minValue: 1,
    maxValue: 65_535,
    description: 'Port of the local stack on the loopback interface.',
  });
  const localhost = `http://localhost:${port.valueAsString}`;
  return { issuer: `${localhost}/issuer`, origins: [localhost, `http://127.0.0.1:${port.valueAsString}`] };
}
