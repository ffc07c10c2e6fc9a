// node idempotency.mjs PAYSIM: repeated calls, errors, and calls that go wrong on purpose.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Sandbox, refusal } from './sandbox.mjs';

const sandbox = await Sandbox.start();
const { stripe } = sandbox;
after(() => sandbox.stop());

const pays = { amount: 22_500, currency: 'usd', confirm: true, off_session: true, payment_method: 'pm_card_visa' };
const count = async () => (await stripe.paymentIntents.list({ limit: 100 })).data.length;

async function raw(path, { key = 'sk_test_raw', method = 'GET', headers = {}, body } = {}) {
  const response = await fetch(`${sandbox.url}${path}`, { method, headers: { Authorization: `Bearer ${key}`, ...headers }, body });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('a repeated key gives the first answer, once', async () => {
  const before = await count();
  const first = await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-1' });
  const again = await stripe.paymentIntents.create({ ...pays }, { idempotencyKey: 'pur-1' });
  assert.deepEqual(again, first);
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  assert.equal(again.lastResponse.headers['original-request'], first.lastResponse.requestId);
  assert.equal(await count(), before + 1);
});

test('fifty at once with one key make one payment', async () => {
  const before = await count();
  const all = await Promise.all(Array.from({ length: 50 }, () => stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-50' })));
  assert.equal(new Set(all.map(({ id }) => id)).size, 1);
  assert.equal(await count(), before + 1);
});

test('a decline is remembered too', async () => {
  const declined = { ...pays, payment_method: 'pm_card_visa_chargeDeclined' };
  const first = await refusal(stripe.paymentIntents.create(declined, { idempotencyKey: 'pur-2' }));
  const again = await refusal(stripe.paymentIntents.create(declined, { idempotencyKey: 'pur-2' }));
  assert.equal(again.payment_intent.id, first.payment_intent.id);
});

test('a key with other parameters is refused', async () => {
  await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-3' });
  const error = await refusal(stripe.paymentIntents.create({ ...pays, amount: 1_000 }, { idempotencyKey: 'pur-3' }));
  assert.deepEqual([error.statusCode, error.type], [400, 'StripeIdempotencyError']);
});

test('what was refused before it began leaves its key free', async () => {
  await refusal(stripe.paymentIntents.create({ ...pays, amount: 1 }, { idempotencyKey: 'pur-4' }));
  assert.equal((await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-4' })).status, 'succeeded');
});

test('a key is forgotten after a day', async () => {
  const first = await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-5' });
  await sandbox.control('/clock', { advance_seconds: 24 * 3600 });
  const later = await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-5' });
  assert.notEqual(later.id, first.id);
});

test('while the first call is running its key is in use', async () => {
  await sandbox.control('/failures', { path: '/v1/payment_intents', delay_ms: 3_600_000 });
  const both = [1, 2].map(() => stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-6' }));
  const error = await refusal(Promise.race(both)); // whichever came second
  assert.deepEqual([error.statusCode, error.code, error.headers['stripe-should-retry']], [409, 'idempotency_key_in_use', 'true']);
  await sandbox.control('/clock', { advance_seconds: 3_600 });
  const made = await Promise.any(both);
  assert.equal((await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-6' })).id, made.id);
});

test('a 500 without effect is what its key answers from then on; a new key gets through', async () => {
  const before = await count();
  await sandbox.control('/failures', { method: 'POST', path: '/v1/payment_intents', status: 500 });
  for (let at = 0; at < 2; ++at) {
    const error = await refusal(stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-7' }));
    assert.deepEqual([error.statusCode, error.type, error.headers['stripe-should-retry']], [500, 'StripeAPIError', 'false']);
  }
  assert.equal(await count(), before);
  assert.equal((await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-7-b' })).status, 'succeeded');
});

test('a 500 with effect: the money has moved all the same', async () => {
  const before = await count();
  await sandbox.control('/failures', { path: '/v1/payment_intents', status: 500, effect: true });
  await refusal(stripe.paymentIntents.create({ ...pays, metadata: { purchaseId: 'pur-8' } }, { idempotencyKey: 'pur-8' }));
  assert.equal(await count(), before + 1);
  const [newest] = (await stripe.paymentIntents.list({ limit: 1 })).data;
  assert.deepEqual([newest.metadata.purchaseId, newest.status], ['pur-8', 'succeeded']);
});

test('429 and 503 are not remembered: the SDK tries again and gets through', async () => {
  for (const status of [429, 503]) {
    await sandbox.control('/failures', { path: '/v1/payment_intents', status });
    const patient = sandbox.client({ maxNetworkRetries: 2 });
    assert.equal((await patient.paymentIntents.create(pays)).status, 'succeeded');
  }
  await sandbox.control('/failures', { path: '/v1/payment_intents', status: 429 });
  const error = await refusal(stripe.paymentIntents.create(pays));
  assert.deepEqual([error.type, error.headers['retry-after']], ['StripeRateLimitError', '1']);
});

test('an answer that never comes: the same key then tells what happened', async () => {
  const before = await count();
  await sandbox.control('/failures', { path: '/v1/payment_intents', effect: true, answer: false });
  const hasty = sandbox.client({ timeout: 1_000 });
  assert.equal((await refusal(hasty.paymentIntents.create(pays, { idempotencyKey: 'pur-9' }))).type, 'StripeConnectionError');
  assert.equal((await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-9' })).status, 'succeeded');
  assert.equal(await count(), before + 1);
});

test('a call that was lost on the way had no effect', async () => {
  const before = await count();
  await sandbox.control('/failures', { path: '/v1/payment_intents', answer: false });
  await refusal(sandbox.client({ timeout: 1_000 }).paymentIntents.create(pays, { idempotencyKey: 'pur-10' }));
  assert.equal(await count(), before);
  assert.equal((await stripe.paymentIntents.create(pays, { idempotencyKey: 'pur-10' })).status, 'succeeded');
});

test('keys: bearer and Basic, and nothing else', async () => {
  assert.equal((await raw('/v1/customers')).status, 200);
  const basic = { Authorization: `Basic ${Buffer.from('sk_test_raw:').toString('base64')}` };
  assert.equal((await raw('/v1/customers', { headers: basic })).status, 200);
  for (const key of ['pk_test_raw', 'sk_live_raw', '']) {
    const { status, body } = await raw('/v1/customers', { key });
    assert.deepEqual([status, body.error.type], [401, 'invalid_request_error']);
  }
  assert.equal((await refusal(sandbox.client({}, 'sk_live_x').customers.list())).type, 'StripeAuthenticationError');
});

test('every answer has a request id; errors of the sandbox have its shape', async () => {
  assert.match((await raw('/v1/customers')).headers.get('request-id'), /^req_/);
  const cases = [
    ['/v1/nothing', {}, 404],
    ['/v1/customers/cus_none', {}, 404],
    ['/v1/customers', { method: 'PUT' }, 404],
    ['/v1/customers', { headers: { 'Stripe-Version': '2019-01-01' } }, 400],
    ['/v1/customers', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }, 400],
    ['/v1/customers?limit=%zz', {}, 400],
    ['/v1/customers?created[gte]=soon', {}, 400],
    ['/v1/customers?surprise=1', {}, 400],
    ['/v1/customers?expand[]=data.nothing', {}, 400],
  ];
  await stripe.customers.create();
  for (const [path, options, expected] of cases) {
    const { status, body } = await raw(path, options);
    assert.equal(status, expected, path);
    assert.equal(body.error.type, 'invalid_request_error', path);
    assert.equal(typeof body.error.message, 'string');
  }
});
