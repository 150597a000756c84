import type { StageConfig } from './stage-schema.ts';
import { edgeRegion } from './stage-schema.ts';

/** What needs the edge, and what the edge needs. */
export function checkEdge(config: StageConfig): string | undefined {
  const { edge, identity, region, domain, certificateArn, accessLogs, requestsPerAddress } = config;
  if (edge === 'off') {
    const needless = Object.entries({ domain, certificateArn, accessLogs, requestsPerAddress }).find(
      ([, value]) => value !== undefined && value !== false,
    );
    if (identity.kind === 'cognito' && identity.loginPrefix !== undefined)
      return 'identity.loginPrefix needs the edge, whose page sends users there; set edge to "on" or remove it';
    return needless && `${needless[0]} needs the edge; set edge to "on" or remove it`;
  }
  if (domain !== undefined && certificateArn === undefined)
    return `certificateArn is missing; give that of a certificate for ${domain} in ${edgeRegion}`;
  if (domain === undefined && certificateArn !== undefined)
    return 'domain is missing; give the name that the certificate is for, or remove certificateArn';
  if (region !== edgeRegion && accessLogs)
    return `accessLogs must be false in ${region}; CloudFront hands its logs over in ${edgeRegion} only`;
  if (region !== edgeRegion && requestsPerAddress !== undefined)
    return `requestsPerAddress must be left out in ${region}; a firewall for CloudFront lives in ${edgeRegion} only`;
  return undefined;
}
