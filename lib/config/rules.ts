import * as z from 'zod';

// What a value can be. The error of each is what to give instead, as it stands in the message to whoever set it.

/** A whole number between two bounds, themselves included; `reason` says why the bounds are there. */
export function wholeNumber(least: number, most: number, reason?: string): z.ZodNumber {
  const bounds = `a whole number from ${least} to ${most}`;
  const error = reason === undefined ? bounds : `${bounds}, for ${reason}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** One of some values. */
export function oneOf<const Value extends string | number | boolean>(
  ...values: readonly Value[]
): z.ZodLiteral<Value> {
  return z.literal(values, { error: `one of ${values.join(', ')}` });
}

/** A string that a pattern matches, in words. */
export function matching(pattern: RegExp, error: string): z.ZodString {
  return z.string({ error }).regex(pattern, { error });
}

/** A string that begins and ends with something to be seen. */
export const text = matching(/^\S(?:[^]*\S)?$/, 'a non-empty string');

/** A string that a function finds right, in words. */
function that(isRight: (value: string) => boolean, error: string): z.ZodString {
  return z.string({ error }).refine(isRight, { error });
}

const isHttps = (value: string): boolean => URL.canParse(value) && new URL(value).protocol === 'https:';

export const httpsUrl = that(isHttps, 'an https URL');

/** An address that can stand in a content security policy, which has no place for a query and ends at `;` or `,`. */
export const endpointUrl = httpsUrl.refine((value) => !/[?#;,\s]/.test(value), {
  error: 'an https URL without a query',
});

/** A list of strings that a function finds right, in words. */
function listOf(isRight: (value: string) => boolean, error: string): z.ZodReadonly<z.ZodArray<z.ZodString>> {
  return z.array(that(isRight, error), { error }).readonly();
}

/**
 * Origins as a browser sends them: scheme, host and port, with nothing after them, and never a wildcard, which AWS refuses
 * together with credentials.
 */
export const origins = listOf(
  (value) =>
    URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value,
  'a list of origins such as "https://board.example.com", without path or wildcard',
);

const addressList = 'a list of e-mail addresses, each once';

export const emails = listOf((value) => /^[^\s@]+@[^\s@]+$/.test(value), addressList).refine(
  (values) => new Set(values).size === values.length,
  { error: addressList },
);
