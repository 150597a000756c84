/** Why a step failed, for whoever runs the test: what was seen, what that means, and what to do. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure';
  readonly meaning: string;
  readonly remedy: string;

  /** @param found what was seen, as a sentence without its full stop; becomes the message. */
  constructor(found: string, meaning: string, remedy: string) {
    super(found);
    this.meaning = meaning;
    this.remedy = remedy;
  }
}

/** Error codes of Node.js for a connection that could not be made, in words. */
const networkFaults: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  EAI_AGAIN: ['the name of the host cannot be looked up now', 'check the network, and the URL'],
  EHOSTUNREACH: ['there is no way to the host', 'check the network, and the URL'],
  ENETUNREACH: ['there is no way to the host', 'check the network, and the URL'],
  ETIMEDOUT: ['nothing at this address takes connections', 'check the URL, and firewalls on the way'],
  UND_ERR_CONNECT_TIMEOUT: [
    'nothing at this address takes connections',
    'check the URL, and firewalls on the way',
  ],
  // The message of fetch, which has no code for it. Source: "Port blocking", https://fetch.spec.whatwg.org
  'bad port': ['browsers refuse this port, and fetch does', 'let the deployment answer on another port'],
  ENOTFOUND: ['the name of the host does not exist', 'check the URL; a new domain may need some minutes'],
  ECONNREFUSED: [
    'nothing listens at this address',
    'check host and port of the URL, and that the stack is up',
  ],
  ECONNRESET: ['the other side broke the connection off', 'try again; look at the logs of the function'],
  UND_ERR_SOCKET: ['the other side broke the connection off', 'try again; look at the logs of the function'],
  CERT_HAS_EXPIRED: ['the certificate of the host has expired', 'renew the certificate of the domain'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'the certificate is for another host',
    'give the stage a certificate that covers its domain',
  ],
};

/**
 * Asks whether anything takes connections at an address.
 * @returns why not; undefined when something answers, or does not within the time: the steps tell more of that.
 */
export async function connectFailure(address: URL, limitMs: number): Promise<SmokeFailure | undefined> {
  try {
    const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(limitMs) });
    await answer.body?.cancel();
    return undefined;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return undefined;
    return asFailure(error, limitMs);
  }
}

/** Gives the failure for whatever a step threw. `limitMs` is the time that the step had. */
export function asFailure(error: unknown, limitMs: number): SmokeFailure {
  if (error instanceof SmokeFailure) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new SmokeFailure(
      `no answer within ${limitMs / 1000} s`,
      'the request reached nothing that answers, or what answers it hangs',
      'look at the duration and the log of the function; a first start can be slow: try again, or raise --timeout',
    );
  }
  const { code, message } = deepestCause(error);
  const [meaning, remedy] = networkFaults[code ?? message] ?? [
    'the connection failed on the way',
    'check the URL, the network and the certificate of the host',
  ];
  return new SmokeFailure(`${message}${code === undefined ? '' : ` (${code})`}`, meaning, remedy);
}

/** `fetch` hides the reason of a failed connection in `cause`; several addresses give several reasons. */
function deepestCause(error: unknown): { readonly code: string | undefined; readonly message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return deepestCause(error.errors[0]);
  if (error instanceof Error) {
    if (error.cause !== undefined) return deepestCause(error.cause);
    const { code } = error as NodeJS.ErrnoException;
    return { code: typeof code === 'string' ? code : undefined, message: error.message };
  }
  return { code: undefined, message: String(error) };
}
