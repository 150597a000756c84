import { randomBytes } from 'node:crypto';
import { localRegion } from '../template/stack-template.ts';

/**
 * Stands for origin access control: the signature of the distribution, which only the edge of this stack knows. It has
 * the form of a signature of version 4 but is no hash of the request.
 */
export class EdgeSignature {
  readonly distributionArn: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string;

  constructor(distributionArn: string) {
    this.distributionArn = distributionArn;
    const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/${localRegion}/lambda/aws4_request`;
    this.authorization = `AWS4-HMAC-SHA256 Credential=EDGE/${scope}, SignedHeaders=host, Signature=${randomBytes(32).toString('hex')}`;
  }
}
