/** A user: the `sub` of its tokens, printable ASCII characters without spaces. */
export const userIdPattern = /^[\x21-\x7e]{1,128}$/;

/** A connection, as `randomUUID` names it. */
export const connectionIdPattern = /^[0-9a-f-]{36}$/;

/** A page of a user, as it names itself. */
export const viewIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** A task id in a path or a query; a larger one than JavaScript can count to is none either. */
export const taskIdPattern = /^[1-9][0-9]{0,15}$/;

export const idempotencyKeyPattern = /^[\x20-\x7e]{1,255}$/;

/** An ISO time with a zone, whose plus may have become a space, as which a query has it where nobody has encoded it. */
export const isoTimePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+ -]\d\d:\d\d)$/;

/** A time in milliseconds since 1970. */
export const millisecondsPattern = /^\d{1,15}$/;

/** What a request may be called; API Gateway's own ids fit. */
export const correlationIdPattern = /^[A-Za-z0-9+/=._:-]{1,64}$/;
