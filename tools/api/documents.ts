import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';

/** The documents by their paths from the root of the repository, as the text that is committed. */
export function apiDocuments(): Readonly<Record<string, string>> {
  return { 'docs/openapi.json': textOf(openApiDocument()), 'docs/asyncapi.json': textOf(asyncApiDocument()) };
}

function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
