export type Json = Readonly<Record<string, unknown>>;

/** An operation, or an answer, as docs/openapi.json has it. */
export interface Described {
  readonly $ref?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Json };
  readonly responses?: Readonly<Record<string, Described>>;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: Json }>>;
  readonly content?: Json;
  readonly security?: readonly Json[];
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Json;
}

/** The schema of a body, where it is JSON. */
export function schemaOf({ content }: Described): Json | undefined {
  return (content?.['application/json'] as { schema?: Json } | undefined)?.schema;
}

/** What the headers of an answer lack, or have and should not. */
export function headerFaults({ headers: described = {} }: Described, headers: Headers): string[] {
  return Object.entries(described).flatMap(([name, { required, schema }]) => {
    const value = headers.get(name);
    if (value === null) return required ? [`the header ${name} is missing`] : [];
    const { pattern, enum: values } = schema as { pattern?: string; enum?: readonly string[] };
    const fits = (!pattern || new RegExp(pattern).test(value)) && (!values || values.includes(value));
    return fits ? [] : [`the header ${name} is ${JSON.stringify(value)}`];
  });
}
