// Opens one page in a browser, and says what it asked for and complained of. Ends by itself, whatever the browser does.
import { chromium } from 'playwright-core';

const patience = 60_000;

/// `act` is given the page, and answers what is to be said of it beside.
export const visit = async (link, act) => {
  setTimeout(() => {
    console.error('the browser takes too long');
    process.exit(1);
  }, 2 * patience).unref();
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
    console.log(JSON.stringify({ ...said, ...await act(page), requests, complaints }));
  } finally {
    await browser.close();
  }
};

/// What the page says once its form was submitted.
export const outcomeOf = async (page) => {
  await page.locator('#form[hidden], #error:not(:empty)').first().waitFor({ state: 'attached' });
  return {
    error: await page.locator('#error').textContent(),
    status: await page.locator('#status').textContent(),
    addressBar: page.url(),
  };
};
