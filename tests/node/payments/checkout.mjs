// node checkout.mjs PAYSIM: Checkout Sessions, and what a payer does on their pages.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Sandbox, refusal } from './sandbox.mjs';

const sandbox = await Sandbox.start();
const { stripe, hooks } = sandbox;
after(() => sandbox.stop());

const order = (more = {}) => ({
  mode: 'payment',
  client_reference_id: 'pur-7',
  metadata: { purchaseId: 'pur-7' },
  success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/left',
  line_items: [{ price_data: { currency: 'usd', unit_amount: 22_500, product_data: { name: 'Premium <5000>' } }, quantity: 1 }],
  payment_intent_data: { metadata: { purchaseId: 'pur-7' } },
  ...more,
});
const of = (id, wanted) => ({ type, data }) => type === wanted && (data.object.id === id || data.object.payment_intent === id);

test('Pay: the session is complete and paid, and has an invoice', async () => {
  const session = await stripe.checkout.sessions.create(order({ invoice_creation: { enabled: true }, customer_email: 'p@example.com' }));
  assert.deepEqual([session.status, session.payment_status, session.amount_total], ['open', 'unpaid', 22_500]);
  const page = await (await fetch(session.url)).text();
  assert.match(page, /Pay 225\.00 USD/);
  assert.match(page, /Premium &lt;5000&gt;/);
  assert.doesNotMatch(page, /<script/);
  const there = await sandbox.press(session.url, 'pay');
  assert.equal(there.location, `https://shop.example/done?session=${session.id}`);
  const [event] = await hooks.until(of(session.id, 'checkout.session.completed'));
  assert.deepEqual([event.data.object.payment_status, event.data.object.metadata.purchaseId], ['paid', 'pur-7']);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge', 'invoice', 'line_items'] });
  assert.equal(done.payment_intent.metadata.purchaseId, 'pur-7');
  assert.equal(done.payment_intent.latest_charge.status, 'succeeded');
  assert.deepEqual([done.invoice.status, done.invoice.amount_paid], ['paid', 22_500]);
  assert.equal(done.line_items.data[0].description, 'Premium <5000>');
  assert.equal(done.customer_details.email, 'p@example.com');
  assert.match(await (await fetch(done.invoice.hosted_invoice_url)).text(), /225\.00 USD/);
});

test('Decline: the session stays open and says why, and then can be paid', async () => {
  const session = await stripe.checkout.sessions.create(order());
  const there = await sandbox.press(session.url, 'decline');
  assert.deepEqual([there.status, /Your card was declined/.test(there.text)], [200, true]);
  assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open');
  await sandbox.press(session.url, 'pay');
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  assert.deepEqual([paid.status, paid.payment_status, paid.payment_intent.status], ['complete', 'paid', 'succeeded']);
  assert.equal((await stripe.charges.list({ payment_intent: paid.payment_intent.id })).data.length, 2);
});

test('3-D Secure: passed, or failed and back on the page', async () => {
  const passed = await stripe.checkout.sessions.create(order());
  const challenge = await sandbox.press(passed.url, 'authenticate');
  assert.match(challenge.location, /\/challenge\/pi_/);
  assert.equal((await sandbox.press(challenge.location, 'complete')).location, `https://shop.example/done?session=${passed.id}`);
  const failed = await stripe.checkout.sessions.create(order());
  const other = await sandbox.press(failed.url, 'authenticate');
  const back = await sandbox.press(other.location, 'fail');
  assert.match(back.text, /unable to authenticate/);
  assert.equal((await stripe.checkout.sessions.retrieve(failed.id)).status, 'open');
});

test('Pay later: complete but unpaid, until the bank has paid', async () => {
  const session = await stripe.checkout.sessions.create(order());
  await sandbox.press(session.url, 'pay_later');
  const [first] = await hooks.until(of(session.id, 'checkout.session.completed'));
  assert.equal(first.data.object.payment_status, 'unpaid');
  const [second] = await hooks.until(of(session.id, 'checkout.session.async_payment_succeeded'));
  assert.equal(second.data.object.payment_status, 'paid');
});

test('Pay later, and fail: an event says so, and the session stays unpaid', async () => {
  const session = await stripe.checkout.sessions.create(order());
  await sandbox.press(session.url, 'pay_later_fails');
  const [event] = await hooks.until(of(session.id, 'checkout.session.async_payment_failed'));
  assert.deepEqual([event.data.object.status, event.data.object.payment_status], ['complete', 'unpaid']);
});

test('Abandon: the payer is led away, and the session expires by itself', async () => {
  const session = await stripe.checkout.sessions.create(order());
  assert.equal((await sandbox.press(session.url, 'abandon')).location, 'https://shop.example/left');
  await sandbox.control('/clock', { advance_seconds: 24 * 3600 + 1 });
  const [event] = await hooks.until(of(session.id, 'checkout.session.expired'));
  assert.equal(event.data.object.status, 'expired');
  const late = await sandbox.press(`${sandbox.url}/c/pay/${session.id}`, 'pay');
  assert.equal(late.status, 410);
});

test('a session that expires after a decline cancels its payment, and nothing else', async () => {
  const session = await stripe.checkout.sessions.create(order());
  await sandbox.press(session.url, 'decline');
  const { payment_intent } = await stripe.checkout.sessions.expire(session.id);
  assert.equal((await stripe.paymentIntents.retrieve(payment_intent)).status, 'canceled');
  await hooks.until(of(session.id, 'checkout.session.expired'));
  const told = (await stripe.events.list({ limit: 100 })).data.filter(({ data }) => data.object.id === session.id);
  assert.deepEqual(told.map(({ type }) => type), ['checkout.session.expired']);
});

test('the seller expires a session, once', async () => {
  const session = await stripe.checkout.sessions.create(order());
  assert.equal((await stripe.checkout.sessions.expire(session.id)).status, 'expired');
  assert.match((await refusal(stripe.checkout.sessions.expire(session.id))).message, /Only Checkout Sessions/);
});

test('a session with a price saves the card of its customer', async () => {
  const customer = await stripe.customers.create({ email: 'keeps@example.com' });
  const product = await stripe.products.create({ name: 'Basic' });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 5_000 });
  const session = await stripe.checkout.sessions.create(
    order({ customer: customer.id, line_items: [{ price: price.id, quantity: 2 }], payment_intent_data: { setup_future_usage: 'off_session' } }),
  );
  assert.equal(session.amount_total, 10_000);
  await sandbox.press(session.url, 'pay');
  const saved = await stripe.customers.listPaymentMethods(customer.id);
  assert.equal(saved.data.length, 1);
  await stripe.prices.update(price.id, { active: false });
  assert.equal((await refusal(stripe.checkout.sessions.create(order({ line_items: [{ price: price.id, quantity: 1 }] })))).param, 'line_items[0][price]');
});

test('a session that only saves a card', async () => {
  const customer = await stripe.customers.create();
  const session = await stripe.checkout.sessions.create({ mode: 'setup', currency: 'usd', customer: customer.id, success_url: 'https://shop.example/saved', setup_intent_data: { metadata: { a: 'b' } } });
  assert.equal((await sandbox.press(session.url, 'pay')).location, 'https://shop.example/saved');
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent.payment_method'] });
  assert.deepEqual([done.status, done.payment_status], ['complete', 'no_payment_required']);
  assert.equal(done.setup_intent.payment_method.customer, customer.id);
});

test('what a session may not be', async () => {
  const cases = [
    [{ success_url: undefined }, 'success_url'],
    [{ line_items: undefined }, 'line_items'],
    [{ payment_method_types: ['card'] }, 'payment_method_types'],
    [{ expires_at: Math.floor(Date.now() / 1000) + 60 }, 'expires_at'],
    [{ line_items: [{ price_data: { currency: 'usd', unit_amount: 10, product_data: { name: 'x' } } }] }, 'line_items'],
    [{ line_items: [{ price: 'price_none' }] }, 'line_items[0][price]'],
    [{ line_items: [{ price_data: { currency: 'usd', unit_amount: 100 } }] }, 'line_items[0][price_data][product_data]'],
  ];
  for (const [more, param] of cases) {
    const error = await refusal(stripe.checkout.sessions.create(order(more)));
    assert.deepEqual([error.statusCode, error.param], [400, param], JSON.stringify(more));
  }
});
