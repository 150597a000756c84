/** Sends an order to the stack; rejects with what it says against it. */
export type Order = (path: string, body: object) => Promise<unknown>;

export const order: Order = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  const { message } = (await response.json()) as { readonly message: string };
  throw new Error(message);
};
