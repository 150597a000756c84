import { parse } from '@swc/core';

export interface SourceFacts {
  /** Static and dynamic imports, of types too, and exports from other modules. What is computed counts as itself. */
  readonly imports: readonly string[];
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

/** Stands for a path that is put together as the program runs. */
export const computed = '(computed)';

function specifierOf(node: Syntax): string | undefined {
  if (node['type'] === 'CallExpression') {
    const { callee, arguments: [first] = [] } = node as { callee?: unknown; arguments?: unknown[] };
    const isImport = isSyntax(callee) && callee['type'] === 'Import';
    if (!isImport || !isSyntax(first)) return undefined;
    const path = first['expression'];
    return isSyntax(path) && path['type'] === 'StringLiteral' ? text(path) : computed;
  }
  if (node['type'] === 'TsImportType') return text(node['argument']);
  const declarations = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'];
  return declarations.includes(String(node['type'])) ? text(node['source']) : undefined;
}

function identifier(value: unknown): string | undefined {
  return isSyntax(value) && typeof value['value'] === 'string' ? value['value'] : undefined;
}

function ambientOf(node: Syntax): string | undefined {
  if (node['type'] === 'MemberExpression') {
    const access = `${identifier(node['object'])}.${identifier(node['property'])}`;
    return /^(?:Date\.now|Math\.random|(?:process|console|performance|globalThis|crypto)\..*)$/.test(access)
      ? access
      : undefined;
  }
  if (node['type'] === 'CallExpression') {
    const name = identifier(node['callee']) ?? '';
    return ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'Date'].includes(name)
      ? `${name}()`
      : undefined;
  }
  const init = node['type'] === 'VariableDeclarator' ? identifier(node['init']) : undefined;
  if (init === 'process' || init === 'globalThis') return init;
  const noArguments = !Array.isArray(node['arguments']) || node['arguments'].length === 0;
  return node['type'] === 'NewExpression' && identifier(node['callee']) === 'Date' && noArguments
    ? 'new Date()'
    : undefined;
}

/**
 * Takes TypeScript source and gives what it imports and reads. Rejects when it is no TypeScript.
 * @param tsx whether there is JSX in it.
 */
export async function sourceFacts(source: string, tsx = false): Promise<SourceFacts> {
  const imports: string[] = [];
  const ambient: string[] = [];
  for (const node of nodes(await parse(source, { syntax: 'typescript', tsx }))) {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push(specifier);
    const access = ambientOf(node);
    if (access !== undefined) ambient.push(access);
  }
  return { imports, ambient };
}
