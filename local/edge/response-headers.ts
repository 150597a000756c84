import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { CommandError } from '../../commands/command-error.ts';
import type { ResolvedResource } from '../template/stack-template.ts';

/** What a response headers policy adds to an answer, by lower-case name. */
export interface AddedHeaders {
  /** Where the origin gives no such header. */
  readonly whenAbsent: Readonly<Record<string, string>>;
  /** Whatever the origin gives. */
  readonly always: Readonly<Record<string, string>>;
}

interface Overriding {
  readonly Override: boolean;
}

interface PolicyConfig {
  readonly CorsConfig?: unknown;
  readonly RemoveHeadersConfig?: unknown;
  readonly CustomHeadersConfig?: {
    readonly Items: ReadonlyArray<Overriding & { readonly Header: string; readonly Value: string }>;
  };
  readonly SecurityHeadersConfig?: {
    readonly ContentSecurityPolicy?: Overriding & { readonly ContentSecurityPolicy: string };
    readonly ContentTypeOptions?: Overriding;
    readonly FrameOptions?: Overriding & { readonly FrameOption: string };
    readonly ReferrerPolicy?: Overriding & { readonly ReferrerPolicy: string };
    readonly StrictTransportSecurity?: Overriding & { readonly AccessControlMaxAgeSec: number };
  };
}

/**
 * Reads a response headers policy of the template.
 * @throws {CommandError} for a part that the local edge does not play.
 */
export function readAddedHeaders({ logicalId, properties }: ResolvedResource): AddedHeaders {
  const {
    CorsConfig,
    RemoveHeadersConfig,
    CustomHeadersConfig,
    SecurityHeadersConfig: security,
  } = properties['ResponseHeadersPolicyConfig'] as PolicyConfig;
  if (CorsConfig !== undefined || RemoveHeadersConfig !== undefined) {
    throw new CommandError(
      `response headers policy ${logicalId} sets CORS or removes headers, which the local edge does not understand`,
    );
  }
  const whenAbsent: Record<string, string> = {};
  const always: Record<string, string> = {};
  const add = (name: string, value: string | undefined, { Override } = { Override: true }): void => {
    if (value !== undefined) (Override ? always : whenAbsent)[name.toLowerCase()] = value;
  };
  for (const item of CustomHeadersConfig?.Items ?? []) add(item.Header, item.Value, item);
  const { ContentSecurityPolicy, ContentTypeOptions, FrameOptions, ReferrerPolicy, StrictTransportSecurity } =
    security ?? {};
  add('content-security-policy', ContentSecurityPolicy?.ContentSecurityPolicy, ContentSecurityPolicy);
  add('x-content-type-options', ContentTypeOptions && 'nosniff', ContentTypeOptions);
  add('x-frame-options', FrameOptions?.FrameOption, FrameOptions);
  add('referrer-policy', ReferrerPolicy?.ReferrerPolicy, ReferrerPolicy);
  add(
    'strict-transport-security',
    StrictTransportSecurity && `max-age=${StrictTransportSecurity.AccessControlMaxAgeSec}`,
    StrictTransportSecurity,
  );
  return { whenAbsent, always };
}

/** Makes an answer carry the headers of a policy, and CloudFront's own word that it came through. */
export function addHeaders(response: ServerResponse, { whenAbsent, always }: AddedHeaders): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, headers?: unknown) =>
    writeHead(status, {
      ...whenAbsent,
      ...(headers as OutgoingHttpHeaders | undefined),
      ...always,
      'x-cache': `${status >= 400 ? 'Error' : 'Miss'} from cloudfront`,
    });
}
