// node accept_in_browser.mjs MAIL.eml look|accept PASSWORD: opens the link of that mail in a browser, and says what came of
// it as a line of JSON. Ends by itself, whatever the browser does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';

const [, , file, act, password] = process.argv;
const patience = 60_000;
setTimeout(() => {
  console.error('the browser takes too long');
  process.exit(1);
}, 2 * patience).unref();

/// The one link of a mail: text and HTML must name the same.
const linkOf = async (bytes) => {
  const mail = await simpleParser(bytes);
  const [inText] = mail.text.match(/https?:\/\/\S+\/accept-invitation\?token=\S+/);
  const [, inHtml] = mail.html.match(/href="([^"]+)"/);
  assert.equal(inHtml.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/'), inText);
  return inText;
};

const link = await linkOf(readFileSync(file));
const browser = await chromium.launch({
  executablePath: process.env.TESSERA_CHROMIUM ?? '/usr/bin/chromium',
  timeout: patience,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(patience);
  const requests = [];
  const complaints = [];
  page.on('request', (one) => requests.push({ url: one.url(), method: one.method(), referer: one.headers().referer ?? '' }));
  const isBusy = (text) => text.includes('status of 503'); // the page comes again
  page.on('console', (said) => said.type() === 'error' && !isBusy(said.text()) && complaints.push(said.text()));
  page.on('pageerror', (why) => complaints.push(String(why)));
  await page.goto(link);
  await page.locator('#form').waitFor({ state: 'visible' });
  const said = {
    link,
    title: await page.locator('#title').textContent(),
    addressBar: page.url(),
    // What a script, a bookmark or the next page could still get at.
    leftOver: await page.evaluate(() => JSON.stringify([location.href, document.referrer, history.state,
      { ...localStorage }, { ...sessionStorage }, document.cookie])),
    status: '',
  };
  if (act === 'accept') {
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('The same password once more').fill(password);
    await page.getByLabel(/I accept the terms/).check();
    await page.getByRole('button', { name: /Accept/ }).press('Enter'); // without a mouse
    await page.locator('#form[hidden], #error:not(:empty)').first().waitFor({ state: 'attached' });
    said.error = await page.locator('#error').textContent();
    said.status = await page.locator('#status').textContent();
    said.addressBar = page.url();
  }
  console.log(JSON.stringify({ ...said, requests, complaints }));
} finally {
  await browser.close();
}
