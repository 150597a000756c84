'use strict';

// Loaded before each command, by any Node: the commands are TypeScript, which Node runs since 22.18. `npm ci` brings a Node of
// the project's own, which npm finds first; where that is missing, Node would only say ERR_UNKNOWN_FILE_EXTENSION.
const [major, minor] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
if (!runsTypeScript) {
  console.error(
    `taskwire: Node ${process.versions.node} cannot run this. The Node that npm ci brings is missing: type npm rebuild node, and run the command through npm; or use Node 22.18 or newer.`,
  );
  process.exit(1);
}
