/**
 * Runs a server of the stack: gives the process what its platform gives it, and loads the entry file.
 * Usage: `host.ts ENTRY [json]`; with `json` what it prints by the console becomes lines of JSON.
 */
import { pathToFileURL } from 'node:url';
import { clockSkewVariable, skewClock } from '../../functions/runtime/clock-skew.ts';
import { useJsonConsole } from '../../functions/runtime/json-console.ts';
import { reportWhenAsked } from './report.ts';

// Ctrl-C reaches the whole process group; the stack decides when its servers end.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
// The stack is gone: nobody is left to say when to end.
process.once('disconnect', () => process.exit(0));
reportWhenAsked();
if (process.env[clockSkewVariable] !== undefined) skewClock(Number(process.env[clockSkewVariable]));
const [, , entry = '', console] = process.argv;
if (console === 'json') useJsonConsole();
await import(pathToFileURL(entry).href);
