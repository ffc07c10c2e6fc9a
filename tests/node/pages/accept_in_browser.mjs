// node accept_in_browser.mjs MAIL.eml look|accept PASSWORD: opens the link of that mail in a browser, and says what came of
// it as a line of JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { outcomeOf, visit } from './browser.mjs';

const [, , file, act, password] = process.argv;

/// The one link of a mail: text and HTML must name the same.
const linkOf = async (bytes) => {
  const mail = await simpleParser(bytes);
  const [inText] = mail.text.match(/https?:\/\/\S+\/accept-invitation\?token=\S+/);
  const [, inHtml] = mail.html.match(/href="([^"]+)"/);
  assert.equal(inHtml.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/'), inText);
  return inText;
};

await visit(await linkOf(readFileSync(file)), async (page) => {
  if (act !== 'accept') return {};
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('The same password once more').fill(password);
  await page.getByLabel(/I accept the terms/).check();
  await page.getByRole('button', { name: /Accept/ }).press('Enter'); // without a mouse
  return outcomeOf(page);
});
