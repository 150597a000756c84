import { findUntrusted } from './deploy/assembly-trust.ts';

// Ends with 1 for a cloud assembly that must not be deployed: node tools/check-assembly.ts cdk.out
// Uses no package: the deploy job, which runs it before it asks for credentials, has installed none.

const [directory, ...more] = process.argv.slice(2);
if (directory === undefined || directory.startsWith('-') || more.length > 0) {
  console.error('usage: node tools/check-assembly.ts <directory of the cloud assembly>');
  process.exitCode = 2;
} else {
  try {
    const findings = findUntrusted(directory);
    for (const finding of findings) console.error(`refused: ${finding}`);
    if (findings.length > 0) process.exitCode = 1;
    else console.log(`${directory}: nothing in it runs code or leaves the assembly when it is deployed`);
  } catch (error) {
    console.error(`refused: the assembly cannot be read: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
