/**
 * Runs the database server given on the command line and ends it when stdin closes, which happens in every way the
 * parent can end. Node has no parent-death signal, and the server does not watch its stdin.
 */
import { spawn } from 'node:child_process';

const [binary, ...serverArguments] = process.argv.slice(2);
if (binary === undefined) throw new Error('usage: database-supervisor.ts <binary> [arguments]');

// Ctrl-C reaches the whole foreground process group; the stack ends its parts in order, the database last.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});

const server = spawn(binary, serverArguments, {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
  windowsHide: true,
});
console.log(`pid ${server.pid}`);
server.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.once('exit', (code) => process.exit(code ?? 0));
process.stdin.resume();
process.stdin.once('close', () => server.kill('SIGKILL'));
