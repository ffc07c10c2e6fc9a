// node webhooks.mjs PAYSIM: events, how they are signed, and how they arrive.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Sandbox, Receiver, refusal, webhookSecret } from './sandbox.mjs';

const sandbox = await Sandbox.start();
const { stripe, hooks } = sandbox;
const pays = { amount: 22_500, currency: 'usd', confirm: true, off_session: true, payment_method: 'pm_card_visa' };
const others = [];
after(async () => {
  for (const each of others) await each.stop();
  await sandbox.stop();
});

const succeeded = (id) => ({ type, data }) => type === 'payment_intent.succeeded' && data.object.id === id;

test('an event is whole, and signed so that the SDK takes it', async () => {
  const intent = await stripe.paymentIntents.create(pays);
  await hooks.until(succeeded(intent.id));
  for (const { body, signature } of hooks.received) {
    const event = stripe.webhooks.constructEvent(body, signature, webhookSecret);
    assert.deepEqual([event.object, event.livemode, typeof event.created], ['event', false, 'number']);
    assert.throws(() => stripe.webhooks.constructEvent(body.replace('"event"', '"evemt"'), signature, webhookSecret));
    assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'));
  }
});

test('events are listed as they were posted, newest first, and found one by one', async () => {
  const intent = await stripe.paymentIntents.create(pays);
  const [posted] = await hooks.until(succeeded(intent.id));
  const listed = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 });
  assert.deepEqual(listed.data[0].data, posted.data);
  assert.equal((await stripe.events.retrieve(posted.id)).id, posted.id);
  const types = (await stripe.events.list({ types: ['charge.succeeded', 'payment_intent.created'], limit: 2 })).data;
  assert.deepEqual(types.map(({ type }) => type), ['charge.succeeded', 'payment_intent.created']);
  const lately = await stripe.events.list({ created: { gte: posted.created, lt: posted.created + 3600 }, limit: 100 });
  assert.ok(lately.data.some(({ id }) => id === posted.id));
  assert.deepEqual((await stripe.events.list({ created: { gt: posted.created + 3600 } })).data, []);
  const since = [];
  for await (const event of stripe.events.list({ ending_before: posted.id })) since.push(event.id);
  assert.deepEqual(since, []);
});

test('what is not taken is posted again, until it is', async () => {
  let refusing = true;
  hooks.answer = ({ event }) => (refusing && event.type === 'customer.created' ? 503 : 200);
  const customer = await stripe.customers.create();
  const wanted = ({ type, data }) => type === 'customer.created' && data.object.id === customer.id;
  const [event] = await hooks.until(wanted);
  await sandbox.control('/clock', { advance_seconds: 2 });
  await hooks.until(wanted, 2);
  assert.equal((await stripe.events.retrieve(event.id)).pending_webhooks, 1);
  refusing = false;
  const before = hooks.events().filter(wanted).length;
  await sandbox.control('/clock', { advance_seconds: 12 * 3600 });
  const all = await hooks.until(wanted, before + 1);
  assert.equal(new Set(all.map(({ id }) => id)).size, 1);
});

test('paused webhooks come when they are resumed; dropped ones never, but are listed', async () => {
  await sandbox.control('/webhooks', { paused: true });
  const intent = await stripe.paymentIntents.create(pays);
  assert.ok((await sandbox.control('', null, 'GET')).webhooks.waiting >= 3);
  assert.equal(hooks.events().some(succeeded(intent.id)), false);
  await sandbox.control('/webhooks', { paused: false });
  await hooks.until(succeeded(intent.id));
  await sandbox.control('/webhooks', { drop: 3 });
  const lost = await stripe.paymentIntents.create(pays);
  const after = await stripe.customers.create();
  await hooks.until(({ data }) => data.object.id === after.id);
  assert.equal(hooks.events().some(({ data }) => data.object.id === lost.id), false);
  const listed = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 });
  assert.equal(listed.data[0].data.object.id, lost.id);
  await sandbox.control(`/events/${listed.data[0].id}/resend`);
  await hooks.until(succeeded(lost.id));
});

test('a secret is changed without a gap: both sign for a while', async () => {
  const receiver = await new Receiver().start();
  others.push(receiver);
  const endpoint = await sandbox.control('/webhook_endpoints', { url: receiver.url, secret: 'whsec_old' });
  await sandbox.control(`/webhook_endpoints/${endpoint.id}/secret`, { secret: 'whsec_new' });
  await stripe.customers.create();
  await receiver.until(() => true);
  const { body, signature } = receiver.received[0];
  assert.equal(signature.match(/v1=/g).length, 2);
  for (const secret of ['whsec_old', 'whsec_new']) stripe.webhooks.constructEvent(body, signature, secret);
  await sandbox.control(`/webhook_endpoints/${endpoint.id}/secret`, { secret: 'whsec_last', keep_old: false });
  await stripe.customers.create();
  await receiver.until(() => true, 2);
  const last = receiver.received[1];
  stripe.webhooks.constructEvent(last.body, last.signature, 'whsec_last');
  assert.throws(() => stripe.webhooks.constructEvent(last.body, last.signature, 'whsec_new'));
});

test('endpoints are made by the API too, and get what they want only', async () => {
  const receiver = await new Receiver().start();
  others.push(receiver);
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['refund.created'] });
  assert.match(endpoint.secret, /^whsec_/);
  assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).secret, undefined);
  const intent = await stripe.paymentIntents.create(pays);
  await stripe.refunds.create({ payment_intent: intent.id });
  await receiver.until(() => true);
  assert.deepEqual(receiver.events().map(({ type }) => type), ['refund.created']);
  stripe.webhooks.constructEvent(receiver.received[0].body, receiver.received[0].signature, endpoint.secret);
  assert.equal((await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).status, 'disabled');
  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
  assert.equal((await refusal(stripe.webhookEndpoints.create({ url: 'ftp://x', enabled_events: ['*'] }))).param, 'url');
});

test('chaos repeats and reorders, loses nothing, and does so alike for one seed', async () => {
  const arrivals = [];
  for (let run = 0; run < 2; ++run) {
    const wild = await Sandbox.start('--chaos', '--seed', '7');
    others.push(wild);
    const ids = [];
    for (let at = 0; at < 40; ++at) ids.push((await wild.stripe.customers.create()).id);
    for (const id of ids) await wild.hooks.until(({ data }) => data.object.id === id);
    // All that was put off is done when the clock has passed it.
    await wild.control('/clock', { advance_seconds: 5 });
    await wild.hooks.until(() => true, (await wild.control('', null, 'GET')).webhooks.sent);
    const seen = wild.hooks.events().map(({ data }) => ids.indexOf(data.object.id));
    assert.ok(seen.length > ids.length, 'some came twice');
    assert.notDeepEqual(seen, [...seen].sort((a, b) => a - b), 'some came in another order');
    arrivals.push({ ids, count: seen.length });
  }
  assert.deepEqual(arrivals[0], arrivals[1]);
});
