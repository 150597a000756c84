/**
 * Runs the server of a Web Function: gives the process what Lambda gives it, and loads the entry file.
 * Usage: `host.ts ENTRY`.
 */
import { pathToFileURL } from 'node:url';
import { clockSkewVariable, skewClock } from '../../functions/runtime/clock-skew.ts';
import { useJsonConsole } from '../../functions/runtime/json-console.ts';
import { reportWhenAsked } from './report.ts';

// Ctrl-C reaches the whole process group; the stack decides when its environments end.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
// The stack is gone: nobody is left to say when to end.
process.once('disconnect', () => process.exit(0));
reportWhenAsked();
if (process.env[clockSkewVariable] !== undefined) skewClock(Number(process.env[clockSkewVariable]));
useJsonConsole();
await import(pathToFileURL(process.argv[2] ?? '').href);
