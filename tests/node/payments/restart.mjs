// node restart.mjs PAYSIM: a sandbox with a state file goes on where it was.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { Sandbox } from './sandbox.mjs';

const place = mkdtempSync(join(tmpdir(), 'paysim-'));
after(() => rmSync(place, { recursive: true }));
const pays = { amount: 22_500, currency: 'usd', confirm: true, off_session: true };

test('saved cards, keys and what was under way are there after a restart', async () => {
  const flags = ['--state', join(place, 'state.json'), '--seed', '5'];
  const before = await Sandbox.start(...flags, '--settle-after-ms', '3600000');
  const customer = await before.stripe.customers.create({ email: 'a@example.com' });
  const card = await before.stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  const saved = { ...pays, customer: customer.id, payment_method: card.id };
  const first = await before.stripe.paymentIntents.create(saved, { idempotencyKey: 'pur-1' });
  const slow = await before.stripe.paymentIntents.create({ ...pays, payment_method: 'pm_usBankAccount_success' });
  const session = await before.stripe.checkout.sessions.create({ mode: 'setup', currency: 'usd', success_url: 'https://shop.example/' });
  await before.control('/clock', { advance_seconds: 600 });
  await before.control('/webhooks', { paused: true });
  const missed = await before.stripe.customers.create({ email: 'missed@example.com' });
  await before.stop();

  const later = await Sandbox.start(...flags);
  assert.deepEqual((await later.stripe.paymentIntents.create(saved, { idempotencyKey: 'pur-1' })).id, first.id);
  const second = await later.stripe.paymentIntents.create(saved);
  assert.equal(second.status, 'succeeded');
  assert.notEqual(second.id, first.id);
  await later.hooks.until(({ type, data }) => type === 'customer.created' && data.object.id === missed.id);
  await later.hooks.until(({ type, data }) => type === 'payment_intent.succeeded' && data.object.id === slow.id);
  assert.ok((await later.control('', null, 'GET')).now >= Math.floor(Date.now() / 1000) + 599);
  await later.control('/clock', { advance_seconds: 24 * 3600 });
  await later.hooks.until(({ type, data }) => type === 'checkout.session.expired' && data.object.id === session.id);
  await later.stop();
});

/// As soon as the file is there.
function written(file) {
  return new Promise((resolve) => {
    const watcher = watch(place, look);
    function look() {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    }
    look();
  });
}

test('a killed one has what it had seconds before', async () => {
  const file = join(place, 'killed.json');
  const before = await Sandbox.start('--state', file);
  const customer = await before.stripe.customers.create();
  await written(file);
  before.child.kill('SIGKILL');
  before.hooks.stop();
  const later = await Sandbox.start('--state', file);
  assert.equal((await later.stripe.customers.retrieve(customer.id)).id, customer.id);
  await later.stop();
});
