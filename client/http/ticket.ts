import { paths } from '../../protocol/paths.ts';
import type { Endpoints } from './endpoints.ts';
import { requestJson } from './request.ts';

/**
 * Trades a token for a ticket, which is made for URLs: docs/PROTOCOL.md, "Tickets".
 * @throws as `requestJson`.
 */
export async function ticketFor(token: string, { api }: Endpoints, signal: AbortSignal): Promise<string> {
  const answer = await requestJson(`${api}${paths.ticket}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  return (answer as { readonly ticket: string }).ticket;
}
