import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

/** The address of the form, which a page has to ask for in the right way. */
function authorizeUrl(clientId = 'taskwire-local'): string {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: `${boards.stack.local.url}/`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  return `${boards.stack.local.url}/issuer/authorize?${query.toString()}`;
}

describe('the pages of the development issuer', () => {
  it.each(['light', 'dark'] as const)('look like the board, and keep nobody out: %s', async (colorScheme) => {
    const board = await BoardPage.open(boards.browser, boards.stack.local.url, '', { colorScheme });
    const { page } = board;
    const looks = (button: string): Promise<string> =>
      page.getByRole('button', { name: button }).evaluate((element) => {
        const { backgroundColor, color, fontFamily, borderRadius } = getComputedStyle(element);
        return [
          backgroundColor,
          color,
          fontFamily,
          borderRadius,
          getComputedStyle(document.body).backgroundColor,
        ].join();
      });
    const ours = await looks('New task');
    await page.goto(authorizeUrl());
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await looks('Sign in')).toBe(ours);
    expect(await board.violations()).toEqual([]);
    expect(board.complaints).toEqual([]);
    await board.close();
  });

  it('say in words what is wrong, to whoever reads them', async () => {
    const board = await BoardPage.open(boards.browser, boards.stack.local.url);
    const { page } = board;
    const response = await page.goto(authorizeUrl('other'));
    expect(response?.status()).toBe(400);
    expect(response?.headers()['content-security-policy']).not.toContain('unsafe');
    await page.getByRole('heading', { name: 'This sign-in cannot go on' }).waitFor();
    await page.getByRole('alert').getByText('client_id is not taskwire-local').waitFor();
    expect(await board.violations()).toEqual([]);
    await board.close();
  });
});
