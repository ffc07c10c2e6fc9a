// node payments.mjs PAYSIM: the official SDK makes customers, methods and payments.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Sandbox, refusal } from './sandbox.mjs';

const sandbox = await Sandbox.start();
const { stripe, hooks } = sandbox;
after(() => sandbox.stop());

const pays = { amount: 22_500, currency: 'usd', confirm: true, off_session: true, automatic_payment_methods: { enabled: true } };

async function savedCard(name = 'pm_card_visa') {
  const customer = await stripe.customers.create({ email: 'payer@example.com', metadata: { tenant: 'ten-1' } });
  const method = await stripe.paymentMethods.attach(name, { customer: customer.id });
  return { customer: customer.id, payment_method: method.id };
}

test('a customer is made, found, changed and deleted', async () => {
  const made = await stripe.customers.create({ name: 'Ünïcode & Sons', email: 'a@example.com', metadata: { a: '1', b: '2' } });
  assert.equal(made.object, 'customer');
  assert.deepEqual(made.metadata, { a: '1', b: '2' });
  const changed = await stripe.customers.update(made.id, { metadata: { a: '', c: '3' } });
  assert.deepEqual(changed.metadata, { b: '2', c: '3' });
  const found = await stripe.customers.list({ email: 'a@example.com' });
  assert.deepEqual(found.data.map(({ id }) => id), [made.id]);
  assert.equal((await stripe.customers.retrieve(made.id)).name, 'Ünïcode & Sons');
  assert.equal((await stripe.customers.del(made.id)).deleted, true);
  assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
  assert.equal((await refusal(stripe.customers.update(made.id, { name: 'x' }))).code, 'resource_missing');
});

test('a method is attached, listed and detached, and then of no use', async () => {
  const { customer, payment_method } = await savedCard();
  const listed = await stripe.customers.listPaymentMethods(customer);
  assert.deepEqual(listed.data.map(({ id, card }) => [id, card.last4]), [[payment_method, '4242']]);
  assert.equal((await stripe.paymentMethods.list({ customer, type: 'card' })).data.length, 1);
  await stripe.paymentMethods.detach(payment_method);
  assert.equal((await stripe.customers.listPaymentMethods(customer)).data.length, 0);
  const error = await refusal(stripe.paymentIntents.create({ ...pays, payment_method }));
  assert.match(error.message, /may not be used again/);
});

test('a card that declines is not even saved', async () => {
  const customer = await stripe.customers.create();
  const error = await refusal(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer: customer.id }));
  assert.equal(error.type, 'StripeCardError');
  assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, 'card_declined', 'generic_decline']);
});

test('a saved card pays while the payer is away', async () => {
  const intent = await stripe.paymentIntents.create(
    { ...pays, ...(await savedCard()), metadata: { purchaseId: 'pur-1' }, expand: ['latest_charge', 'customer'] },
    { idempotencyKey: 'pur-1' },
  );
  assert.deepEqual([intent.status, intent.amount_received], ['succeeded', 22_500]);
  assert.equal(intent.latest_charge.paid, true);
  assert.equal(intent.latest_charge.metadata.purchaseId, 'pur-1');
  assert.equal(intent.customer.email, 'payer@example.com');
  const [event] = await hooks.until(({ type, data }) => type === 'payment_intent.succeeded' && data.object.id === intent.id);
  assert.equal(event.request.idempotency_key, 'pur-1');
  assert.equal(event.api_version, '2026-10-28.endive');
  assert.equal(event.data.object.latest_charge, intent.latest_charge.id);
});

test('a decline is an error with the intent in it, and an event', async () => {
  const terms = await savedCard('pm_card_chargeCustomerFail');
  const error = await refusal(stripe.paymentIntents.create({ ...pays, ...terms }));
  assert.equal(error.type, 'StripeCardError');
  assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, 'card_declined', 'generic_decline']);
  assert.equal(error.payment_intent.status, 'requires_payment_method');
  const [event] = await hooks.until(({ type, data }) => type === 'payment_intent.payment_failed' && data.object.id === error.payment_intent.id);
  assert.equal(event.data.object.last_payment_error.decline_code, 'generic_decline');
  const charges = await stripe.charges.list({ payment_intent: error.payment_intent.id });
  assert.deepEqual(charges.data.map(({ status, failure_code }) => [status, failure_code]), [['failed', 'card_declined']]);
});

for (const [method, code, decline] of [
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
  ['pm_card_radarBlock', 'card_declined', 'fraudulent'],
])
  test(`${method} fails with ${decline ?? code}`, async () => {
    const error = await refusal(stripe.paymentIntents.create({ ...pays, payment_method: method }));
    assert.deepEqual([error.statusCode, error.code, error.decline_code || undefined], [402, code, decline]);
  });

test('a card that asks its owner fails off session and pays on session', async () => {
  const terms = await savedCard('pm_card_authenticationRequired');
  const error = await refusal(stripe.paymentIntents.create({ ...pays, ...terms }));
  assert.deepEqual([error.statusCode, error.code], [402, 'authentication_required']);
  const on = await stripe.paymentIntents.create({ ...pays, ...terms, off_session: undefined, return_url: 'https://shop.example/back' });
  assert.equal(on.status, 'requires_action');
  const there = await sandbox.press(on.next_action.redirect_to_url.url, 'complete');
  assert.equal(there.status, 303);
  assert.match(there.location, new RegExp(`^https://shop.example/back\\?payment_intent=${on.id}&.*redirect_status=succeeded$`));
  assert.equal((await stripe.paymentIntents.retrieve(on.id)).status, 'succeeded');
});

test('a challenge that is failed leaves an intent that can be paid otherwise', async () => {
  const on = await stripe.paymentIntents.create({ ...pays, off_session: undefined, payment_method: 'pm_card_authenticationRequired', return_url: 'https://shop.example/back' });
  await sandbox.control(`/intents/${on.id}/authenticate`, { outcome: 'fail' });
  const failed = await stripe.paymentIntents.retrieve(on.id);
  assert.deepEqual([failed.status, failed.last_payment_error.code], ['requires_payment_method', 'payment_intent_authentication_failure']);
  const paid = await stripe.paymentIntents.confirm(on.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'succeeded');
});

test('a bank debit is processing first', async () => {
  const intent = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_usBankAccount_success' });
  assert.equal(intent.status, 'processing');
  await hooks.until(({ type, data }) => type === 'payment_intent.succeeded' && data.object.id === intent.id);
  const failing = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_usBankAccount_insufficientFunds' });
  const [event] = await hooks.until(({ type, data }) => type === 'payment_intent.payment_failed' && data.object.id === failing.id);
  assert.equal(event.data.object.last_payment_error.code, 'insufficient_funds');
});

test('an authorization is captured in part, or cancelled', async () => {
  const held = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_visa', capture_method: 'manual' });
  assert.deepEqual([held.status, held.amount_capturable], ['requires_capture', 22_500]);
  const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 20_000 });
  assert.deepEqual([taken.status, taken.amount_received], ['succeeded', 20_000]);
  const error = await refusal(stripe.paymentIntents.cancel(held.id));
  assert.deepEqual([error.statusCode, error.code], [400, 'payment_intent_unexpected_state']);
  const other = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_visa', capture_method: 'manual' });
  const cancelled = await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' });
  assert.deepEqual([cancelled.status, cancelled.cancellation_reason], ['canceled', 'abandoned']);
});

test('step by step: made, updated, confirmed', async () => {
  const made = await stripe.paymentIntents.create({ amount: 100, currency: 'usd' });
  assert.equal(made.status, 'requires_payment_method');
  const updated = await stripe.paymentIntents.update(made.id, { amount: 200, payment_method: 'pm_card_visa', metadata: { a: 'b' } });
  assert.deepEqual([updated.status, updated.amount], ['requires_confirmation', 200]);
  const paid = await stripe.paymentIntents.confirm(made.id, { return_url: 'https://shop.example/' });
  assert.equal(paid.status, 'succeeded');
  const error = await refusal(stripe.paymentIntents.confirm(made.id, { return_url: 'https://shop.example/' }));
  assert.equal(error.code, 'payment_intent_unexpected_state');
});

test('what the provider refuses is refused, with the parameter that is wrong', async () => {
  const cases = [
    [{ currency: 'usd' }, 'parameter_missing', 'amount'],
    [{ amount: 22_500 }, 'parameter_missing', 'currency'],
    [{ amount: 'much', currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 49, currency: 'usd' }, 'amount_too_small', 'amount'],
    [{ amount: 100_000_000, currency: 'usd' }, 'amount_too_large', 'amount'],
    [{ amount: 1_001, currency: 'kwd' }, 'invalid_charge_amount', 'amount'],
    [{ amount: 150, currency: 'isk' }, 'invalid_charge_amount', 'amount'],
    [{ amount: 100, currency: 'xxx' }, undefined, 'currency'],
    [{ amount: 100, currency: 'usd', payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
    [{ amount: 100, currency: 'usd', customer: 'cus_none' }, 'resource_missing', 'customer'],
    [{ amount: 100, currency: 'usd', payment_method: 'pm_none' }, 'resource_missing', 'payment_method'],
    [{ amount: 100, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' }, undefined, 'return_url'],
  ];
  for (const [params, code, param] of cases) {
    const error = await refusal(stripe.paymentIntents.create(params));
    assert.deepEqual([error.type, error.statusCode, error.code || undefined, error.param || undefined], ['StripeInvalidRequestError', 400, code, param], JSON.stringify(params));
  }
});

test('amounts in currencies of no and of three digits are taken as they are', async () => {
  for (const [amount, currency] of [[5_000, 'jpy'], [12_340, 'kwd'], [500, 'isk']]) {
    const paid = await stripe.paymentIntents.create({ ...pays, amount, currency, payment_method: 'pm_card_visa' });
    assert.deepEqual([paid.status, paid.amount_received, paid.currency], ['succeeded', amount, currency]);
  }
});

test('setup intents save a card for later, so that it does not ask then', async () => {
  const customer = await stripe.customers.create();
  const setup = await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_authenticationRequiredOnSetup', confirm: true, return_url: 'https://shop.example/' });
  assert.equal(setup.status, 'requires_action');
  await sandbox.control(`/intents/${setup.id}/authenticate`, { outcome: 'complete' });
  const done = await stripe.setupIntents.retrieve(setup.id);
  assert.equal(done.status, 'succeeded');
  const paid = await stripe.paymentIntents.create({ ...pays, customer: customer.id, payment_method: done.payment_method });
  assert.equal(paid.status, 'succeeded');
  const declined = await refusal(stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa_chargeDeclined', confirm: true }));
  assert.equal(declined.code, 'card_declined');
});

test('lists are paged, by the SDK too', async () => {
  const email = 'many@example.com';
  const ids = [];
  for (let at = 0; at < 25; ++at) ids.push((await stripe.customers.create({ email })).id);
  const first = await stripe.customers.list({ email, limit: 10 });
  assert.deepEqual([first.data.length, first.has_more, first.data[0].id], [10, true, ids.at(-1)]);
  const all = [];
  for await (const each of stripe.customers.list({ email, limit: 10 })) all.push(each.id);
  assert.deepEqual(all, ids.toReversed?.() ?? [...ids].reverse());
  const before = await stripe.customers.list({ email, limit: 3, ending_before: ids[0] });
  assert.deepEqual(before.data.map(({ id }) => id), [ids[3], ids[2], ids[1]]);
  assert.equal((await refusal(stripe.customers.list({ limit: 101 }))).param, 'limit');
});
