import { RequestRefused } from '../http/request.ts';

/** What the issuer has refused, or an answer that fits no sign-in; `message` is for the user. */
export function signInRefused(status: number, message: string): RequestRefused {
  return new RequestRefused({ status, code: 'sign_in_refused', message });
}
