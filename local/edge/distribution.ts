import { CommandError } from '../../commands/command-error.ts';
import { localAccount } from '../template/stack-template.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import type { AddedHeaders } from './response-headers.ts';
import { readAddedHeaders } from './response-headers.ts';
import { ViewerFunction } from './viewer-function.ts';

/** What the edge does with requests of one path pattern. */
export interface Behavior {
  /** Tests a path. */
  readonly pattern: RegExp;
  readonly originDomain: string;
  /** What the edge puts before the path; empty for nothing. */
  readonly originPath: string;
  /** Whether the edge puts its signature into `Authorization`. */
  readonly signs: boolean;
  readonly methods: ReadonlySet<string>;
  readonly viewerFunction: ViewerFunction | undefined;
  /** Lower-case names of the viewer's headers that reach the origin. */
  readonly forwardedHeaders: readonly string[];
  readonly addedHeaders: AddedHeaders;
}

/** The distribution of the template. */
export interface Distribution {
  readonly arn: string;
  readonly defaultRootObject: string;
  /** In CloudFront's order; the last one takes every path. */
  readonly behaviors: readonly Behavior[];
}

interface BehaviorProperties {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods?: readonly string[];
  readonly CachePolicyId: string;
  readonly OriginRequestPolicyId?: string;
  readonly ResponseHeadersPolicyId?: string;
  readonly FunctionAssociations?: ReadonlyArray<{ readonly EventType: string; readonly FunctionARN: string }>;
}

interface Origin {
  readonly Id: string;
  readonly DomainName: string;
  readonly OriginPath?: string;
  readonly OriginAccessControlId?: string;
}

interface DistributionConfig {
  readonly DefaultRootObject?: string;
  readonly DefaultCacheBehavior: BehaviorProperties;
  readonly CacheBehaviors?: readonly BehaviorProperties[];
  readonly CustomErrorResponses?: ReadonlyArray<{
    readonly ErrorCode: number;
    readonly ErrorCachingMinTTL?: number;
    readonly ResponsePagePath?: string;
  }>;
  readonly Origins: readonly Origin[];
}

interface OriginRequestPolicyConfig {
  readonly HeadersConfig: { readonly HeaderBehavior: string; readonly Headers?: readonly string[] };
  readonly QueryStringsConfig: { readonly QueryStringBehavior: string };
  readonly CookiesConfig: { readonly CookieBehavior: string };
}

/** CachingDisabled. Source: "Use managed cache policies", CloudFront developer guide. */
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';

/** Source: "HTTP 4xx and 5xx status codes that CloudFront caches", CloudFront developer guide. */
const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const nothingAdded: AddedHeaders = { whenAbsent: {}, always: {} };

/**
 * Reads the template's distribution. The local edge caches nothing, so it plays only what CloudFront would not cache
 * either: answers without a cache policy that keeps them, and errors with a time to live of 0.
 * @returns undefined when the template has none.
 * @throws {CommandError} for settings that the local edge does not play.
 */
export function readDistribution(template: StackTemplate): Distribution | undefined {
  const [resource, another] = template.resourcesOfType('AWS::CloudFront::Distribution');
  if (resource === undefined) return undefined;
  if (another !== undefined)
    throw new CommandError('the template has two distributions; the local edge is one');
  const config = resource.properties['DistributionConfig'] as DistributionConfig;
  checkErrorCaching(resource.logicalId, config);
  const parts = new DistributionParts(template, config);
  return {
    arn: `arn:aws:cloudfront::${localAccount}:distribution/${template.physicalName(resource.logicalId)}`,
    defaultRootObject: config.DefaultRootObject ?? '',
    behaviors: [...(config.CacheBehaviors ?? []), config.DefaultCacheBehavior].map((behavior) =>
      parts.behavior(behavior),
    ),
  };
}

function checkErrorCaching(logicalId: string, { CustomErrorResponses = [] }: DistributionConfig): void {
  for (const code of cachedErrors) {
    const settings = CustomErrorResponses.find(({ ErrorCode }) => ErrorCode === code);
    if (settings?.ErrorCachingMinTTL !== 0 || settings.ResponsePagePath !== undefined) {
      throw new CommandError(
        `distribution ${logicalId} caches or replaces the error ${code}: one user's error would answer another; set its time to live to 0`,
      );
    }
  }
}

/** What behaviors refer to: origins, functions and policies. */
class DistributionParts {
  readonly #template: StackTemplate;
  readonly #origins: readonly Origin[];

  constructor(template: StackTemplate, { Origins }: DistributionConfig) {
    this.#template = template;
    this.#origins = Origins;
  }

  behavior(properties: BehaviorProperties): Behavior {
    const { PathPattern, TargetOriginId, AllowedMethods, CachePolicyId, ResponseHeadersPolicyId } =
      properties;
    const origin = this.#origins.find(({ Id }) => Id === TargetOriginId);
    if (origin === undefined) throw new CommandError(`no origin of the distribution is ${TargetOriginId}`);
    // The page may be cached by CloudFront: its files are the same for everybody.
    if (PathPattern !== undefined && CachePolicyId !== cachingDisabled) {
      throw new CommandError(
        `the behavior ${PathPattern} of the distribution caches answers, which are a user's own`,
      );
    }
    return {
      pattern: patternOf(PathPattern ?? '*'),
      originDomain: origin.DomainName,
      originPath: origin.OriginPath ?? '',
      signs: origin.OriginAccessControlId !== undefined && this.#signs(origin.OriginAccessControlId),
      methods: new Set(AllowedMethods ?? ['GET', 'HEAD']),
      viewerFunction: this.#viewerFunction(properties),
      forwardedHeaders: this.#forwardedHeaders(properties),
      addedHeaders:
        ResponseHeadersPolicyId === undefined
          ? nothingAdded
          : readAddedHeaders(this.#named('AWS::CloudFront::ResponseHeadersPolicy', ResponseHeadersPolicyId)),
    };
  }

  #named(type: string, name: string): ResolvedResource {
    const found = this.#template
      .resourcesOfType(type)
      .find(({ logicalId }) => this.#template.physicalName(logicalId) === name);
    if (found === undefined)
      throw new CommandError(`the distribution refers to ${name}, which is no ${type}`);
    return found;
  }

  #signs(accessControlId: string): boolean {
    const { properties } = this.#named('AWS::CloudFront::OriginAccessControl', accessControlId);
    const { SigningBehavior } = properties['OriginAccessControlConfig'] as { SigningBehavior: string };
    return SigningBehavior === 'always';
  }

  #viewerFunction({ FunctionAssociations = [] }: BehaviorProperties): ViewerFunction | undefined {
    const [association, ...others] = FunctionAssociations;
    if (association === undefined) return undefined;
    if (others.length > 0 || association.EventType !== 'viewer-request') {
      throw new CommandError(
        'the local edge runs one function for each behavior, on the request of the viewer',
      );
    }
    const name = association.FunctionARN.split('/').at(-1) ?? '';
    const { properties } = this.#named('AWS::CloudFront::Function', name);
    return new ViewerFunction(String(properties['FunctionCode']), name);
  }

  #forwardedHeaders({ OriginRequestPolicyId, PathPattern }: BehaviorProperties): string[] {
    if (OriginRequestPolicyId === undefined) return [];
    const { properties } = this.#named('AWS::CloudFront::OriginRequestPolicy', OriginRequestPolicyId);
    const { HeadersConfig, QueryStringsConfig, CookiesConfig } = properties[
      'OriginRequestPolicyConfig'
    ] as OriginRequestPolicyConfig;
    if (
      HeadersConfig.HeaderBehavior !== 'whitelist' ||
      QueryStringsConfig.QueryStringBehavior !== 'all' ||
      CookiesConfig.CookieBehavior !== 'none'
    ) {
      throw new CommandError(
        `the behavior ${PathPattern} forwards otherwise than listed headers, the whole query and no cookies, which the local edge does not understand`,
      );
    }
    return (HeadersConfig.Headers ?? []).map((name) => name.toLowerCase());
  }
}

/** `*` stands for any characters, `?` for one. Source: "Path pattern", CloudFront developer guide. */
function patternOf(pattern: string): RegExp {
  const source = pattern.replaceAll(/[\\^$.+()|[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
