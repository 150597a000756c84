import { parse } from '@swc/core';

export interface Import {
  readonly specifier: string;
  /** Whether nothing of it is left when the types are removed. */
  readonly typeOnly: boolean;
}

export interface SourceFacts {
  /** Static and dynamic imports, and exports from other modules. */
  readonly imports: readonly Import[];
  /** What it reads that is not in its input, e.g. `Date.now`. */
  readonly ambient: readonly string[];
}

type Syntax = Readonly<Record<string, unknown>>;

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null;
}

function* nodes(value: unknown): Generator<Syntax> {
  if (!isSyntax(value)) return;
  if ('type' in value) yield value;
  for (const child of Object.values(value)) yield* nodes(child);
}

function text(value: unknown): string | undefined {
  if (!isSyntax(value)) return undefined;
  const { value: literal } = value;
  return typeof literal === 'string' ? literal : undefined;
}

function specifierOf(node: Syntax): string | undefined {
  if (node['type'] === 'CallExpression') {
    const { callee, arguments: [first] = [] } = node as { callee?: unknown; arguments?: unknown[] };
    const isImport = isSyntax(callee) && callee['type'] === 'Import';
    return isImport && isSyntax(first) ? text(first['expression']) : undefined;
  }
  const declarations = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'];
  return declarations.includes(String(node['type'])) ? text(node['source']) : undefined;
}

function identifier(value: unknown): string | undefined {
  return isSyntax(value) && typeof value['value'] === 'string' ? value['value'] : undefined;
}

function ambientOf(node: Syntax): string | undefined {
  if (node['type'] === 'MemberExpression') {
    const access = `${identifier(node['object'])}.${identifier(node['property'])}`;
    return ['process.env', 'Date.now', 'performance.now', 'Math.random'].includes(access)
      ? access
      : undefined;
  }
  const noArguments = !Array.isArray(node['arguments']) || node['arguments'].length === 0;
  return node['type'] === 'NewExpression' && identifier(node['callee']) === 'Date' && noArguments
    ? 'new Date()'
    : undefined;
}

/** Takes TypeScript source and gives what it imports and reads. Rejects when it is no TypeScript. */
export async function sourceFacts(source: string): Promise<SourceFacts> {
  const imports: Import[] = [];
  const ambient: string[] = [];
  for (const node of nodes(await parse(source, { syntax: 'typescript' }))) {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ specifier, typeOnly: node['typeOnly'] === true });
    const access = ambientOf(node);
    if (access !== undefined) ambient.push(access);
  }
  return { imports, ambient };
}
