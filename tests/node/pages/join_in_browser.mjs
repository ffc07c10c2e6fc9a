// node join_in_browser.mjs LINK look|join EMAIL: opens a link for many in a browser, and says what came of it as a line of
// JSON.
import { outcomeOf, visit } from './browser.mjs';

const [, , link, act, email] = process.argv;

await visit(link, async (page) => {
  if (act !== 'join') return {};
  await page.getByLabel('Your e-mail address').fill(email);
  await page.getByLabel('First name').fill('Ann');
  await page.getByRole('button', { name: /Send me/ }).press('Enter'); // without a mouse
  return outcomeOf(page);
});
