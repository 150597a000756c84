import { Duration } from 'aws-cdk-lib';
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  ResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import type { ResponseSecurityHeadersBehavior } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import {
  correlationHeader,
  edgeTokenHeader,
  errorsHeader,
  idempotencyKeyHeader,
  ifMatchHeader,
  lastEventIdHeader,
} from '../../protocol/headers.ts';

/** What the page at `/` does, and that no other page may frame it. */
function pageContent(askedEndpoints: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...askedEndpoints].join(' '),
    "base-uri 'none'",
    // Users reach the login pages by a navigation.
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function security(contentSecurityPolicy: string): ResponseSecurityHeadersBehavior {
  return {
    contentSecurityPolicy: { contentSecurityPolicy, override: true },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
    // Tokens may stand in the query of an address.
    referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
    // Without the subdomains: those of a domain of the owner's are not ours to decide on.
    strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
  };
}

/**
 * Gives the headers that the edge puts on the page and its files.
 * @param askedEndpoints addresses besides its own origin that the page's scripts may ask.
 */
export function pageHeaders(
  scope: Construct,
  id: string,
  askedEndpoints: readonly string[],
): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Security headers of the dashboard.',
    securityHeadersBehavior: security(pageContent(askedEndpoints)),
  });
}

/** Gives the headers that the edge puts on the answers of API and stream. */
export function answerHeaders(scope: Construct, id: string): ResponseHeadersPolicy {
  return new ResponseHeadersPolicy(scope, id, {
    comment: 'Security headers of the API and the stream.',
    securityHeadersBehavior: security("default-src 'none'; frame-ancestors 'none'"),
    customHeadersBehavior: {
      // The functions say so themselves; API Gateway and Lambda do not when they refuse a request before them.
      customHeaders: [{ header: 'Cache-Control', value: 'no-store', override: false }],
    },
  });
}

/**
 * Gives what of a request reaches the API and the stream: the whole query and the headers that the functions read or
 * that CORS needs. Not `Host`, by which the origins know their own requests. CloudFront takes ten headers at most, and not
 * every header. Sources: "Quotas" and "HTTP request headers and CloudFront behavior", Amazon CloudFront developer guide.
 */
export function forwardedRequest(scope: Construct, id: string): OriginRequestPolicy {
  return new OriginRequestPolicy(scope, id, {
    comment: 'What the API and the stream read of a request.',
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    headerBehavior: OriginRequestHeaderBehavior.allowList(
      edgeTokenHeader,
      'Content-Type',
      asWritten(ifMatchHeader),
      asWritten(idempotencyKeyHeader),
      asWritten(lastEventIdHeader),
      asWritten(correlationHeader),
      'Origin',
      asWritten(errorsHeader),
      'Access-Control-Request-Method',
      'Access-Control-Request-Headers',
    ),
    cookieBehavior: OriginRequestCookieBehavior.none(),
  });
}

/**
 * Gives what of a WebSocket's handshake reaches its API: the whole query, the token and the handshake's own headers, of
 * which CloudFront forwards none unless it is told to; `Upgrade` and `Connection` it sets itself.
 * Source: "Use WebSockets with CloudFront distributions", Amazon CloudFront developer guide.
 */
export function forwardedHandshake(scope: Construct, id: string): OriginRequestPolicy {
  return new OriginRequestPolicy(scope, id, {
    comment: 'What the WebSocket reads of its handshake.',
    queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    headerBehavior: OriginRequestHeaderBehavior.allowList(
      edgeTokenHeader,
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Protocol',
      'Sec-WebSocket-Extensions',
    ),
    cookieBehavior: OriginRequestCookieBehavior.none(),
  });
}

/** The name of a header as standards and documentation write it. */
function asWritten(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()).replace(/-Id$/, '-ID');
}
