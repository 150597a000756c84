/**
 * Imports a function's module as a new Lambda environment would, and prints how long that took, in milliseconds:
 * parsing, evaluating, and whatever the handler sets up outside of itself.
 */
import { pathToFileURL } from 'node:url';

// What Lambda's runtime offers before it loads the handler.
Object.assign(globalThis, { awslambda: { streamifyResponse: (handler: unknown) => handler } });
const [bundle = ''] = process.argv.slice(2);
const { href } = pathToFileURL(bundle);
const begin = performance.now();
await import(href);
process.stdout.write(String(performance.now() - begin), () => process.exit());
