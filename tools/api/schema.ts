import type { Rule } from '../../protocol/rule.ts';
import { characterBytes } from '../../protocol/task-input.ts';
import { userIdPattern } from '../../protocol/patterns.ts';

/**
 * A schema of what the two documents have in common: OpenAPI 3.1 takes JSON Schema 2020-12 and AsyncAPI 3.0 draft-07, and
 * the keywords that are used here mean the same in both.
 */
export type Schema = Readonly<Record<string, unknown>>;

/** The names of the fields that an object may be without. */
type Optional<Value> = {
  [Name in keyof Value]-?: object extends Pick<Value, Name> ? Name : never;
}[keyof Value];

/** An example, which stands beside a schema. */
export type Example = Readonly<Record<string, unknown>>;

/**
 * The schema of an object of `protocol/`, field by field: one that is new there does not compile until it is here. Other
 * fields are refused.
 * @param optional which may be left out.
 */
export function objectOf<Value extends object>(
  fields: { readonly [Name in keyof Value]-?: Schema },
  optional: readonly Optional<Value>[] = [],
): Schema {
  const required = Object.keys(fields).filter((name) => !optional.some((each) => each === name));
  return {
    type: 'object',
    properties: fields,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** A reference to a schema that both documents keep under its name. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Whatever has just one value. */
export const only = (value: unknown): Schema => ({ const: value });

export const oneOf = (values: readonly unknown[]): Schema => ({ type: 'string', enum: values });

export const textLike = (pattern: RegExp): Schema => ({ type: 'string', pattern: pattern.source });

export const orNull = ({ type, ...rest }: Schema): Schema => ({ type: [type, 'null'], ...rest });

/** A time as `toISOString` writes it. */
export const isoTime: Schema = {
  type: 'string',
  format: 'date-time',
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
};

/** A cursor or a ticket: nobody looks inside. */
export const opaque: Schema = { type: 'string', pattern: '^[A-Za-z0-9._-]+$' };

/** What a rule lets through, as far as JSON Schema can say it. */
export function schemaOf(rule: Rule): Schema {
  if (rule.kind === 'text') return textSchema(rule);
  if (rule.kind === 'choice') return oneOf(rule.of);
  if (rule.kind === 'whole') return { type: 'integer', minimum: rule.least, maximum: rule.most };
  if (rule.kind === 'users') return { type: 'array', items: textLike(userIdPattern), maxItems: rule.most };
  return { type: 'boolean' };
}

/** JSON Schema counts code points: no text within the bound of bytes has more of them. */
function textSchema({ longest, isVisible, orNull: canBeNull }: Extract<Rule, { kind: 'text' }>): Schema {
  const seen = isVisible ? ', one of them visible' : '';
  return {
    type: canBeNull ? ['string', 'null'] : 'string',
    ...(isVisible && { minLength: 1 }),
    maxLength: longest * characterBytes,
    description: `At most ${longest} characters as users see them (extended grapheme clusters)${seen}; well-formed Unicode.`,
  };
}
