/** A scalar of a resource's properties before and after; undefined where it is absent. */
export interface LeafChange {
  /** Such as `Replicas[us-east-1].DeletionProtectionEnabled`. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Members that name the objects of a list; a list is compared by them, so that its order does not matter. */
const naming = [
  'Id',
  'Name',
  'Key',
  'Region',
  'AttributeName',
  'IndexName',
  'PathPattern',
  'ErrorCode',
  'Sid',
];

/** Gives the scalars that differ, by path. References are compared as the text `${LogicalId.Attribute}`. */
export function changedLeaves(before: unknown, after: unknown): LeafChange[] {
  const [old, fresh] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .toSorted()
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => ({ path, before: old.get(path), after: fresh.get(path) }));
}

function leavesOf(properties: unknown): Map<string, string> {
  const leaves = new Map<string, string>();
  collect(properties, '', leaves);
  return leaves;
}

function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  if (value === undefined || value === null) return;
  const text = scalarText(value);
  if (text !== undefined) leaves.set(path, text);
  else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      // A list of scalars is a set: `AllowOrigins[https://…]` is there or not.
      const entryText = scalarText(entry);
      const key = entryText ?? nameOf(entry) ?? String(index);
      collect(entry, `${path}[${key}]`, leaves);
    }
  } else {
    for (const [key, entry] of Object.entries(value)) {
      collect(entry, path === '' ? key : `${path}.${key}`, leaves);
    }
  }
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const name = naming.map((key) => scalarText((entry as Readonly<Record<string, unknown>>)[key]));
  return name.find((text) => text !== undefined);
}

/** Gives a scalar or an intrinsic function as text; undefined for a list or an object. */
function scalarText(value: unknown): string | undefined {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [[form, operand] = [], ...others] = Object.entries(value);
  if (form === undefined || others.length > 0) return undefined;
  if (form === 'Ref') return `\${${String(operand)}}`;
  if (form === 'Fn::GetAtt') return `\${${Array.isArray(operand) ? operand.join('.') : String(operand)}}`;
  if (form === 'Fn::Join' && Array.isArray(operand) && Array.isArray(operand[1])) {
    return operand[1].map((part) => scalarText(part) ?? JSON.stringify(part)).join(String(operand[0]));
  }
  if (form === 'Fn::Sub' && typeof operand === 'string') return operand;
  return form.startsWith('Fn::') ? JSON.stringify(value) : undefined;
}
