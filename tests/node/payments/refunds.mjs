// node refunds.mjs PAYSIM: money that goes back: refunds and disputes; and invoices.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Sandbox, refusal } from './sandbox.mjs';

const sandbox = await Sandbox.start();
const { stripe, hooks } = sandbox;
after(() => sandbox.stop());

const pay = (payment_method = 'pm_card_visa', amount = 22_500, currency = 'usd') =>
  stripe.paymentIntents.create({ amount, currency, confirm: true, off_session: true, payment_method, expand: ['latest_charge'] });
const told = (type, id) => (event) => event.type === type && [event.data.object.id, event.data.object.charge].includes(id);

test('partial refunds add up to the whole, and not beyond', async () => {
  const intent = await pay();
  const charge = intent.latest_charge.id;
  const first = await stripe.refunds.create({ payment_intent: intent.id, amount: 7_500, metadata: { refundId: 'ref-1' } }, { idempotencyKey: 'ref-1' });
  assert.deepEqual([first.status, first.amount, first.charge, first.metadata.refundId], ['succeeded', 7_500, charge, 'ref-1']);
  const tooMuch = await refusal(stripe.refunds.create({ charge, amount: 15_001 }));
  assert.deepEqual([tooMuch.statusCode, tooMuch.param], [400, 'amount']);
  await stripe.refunds.create({ charge });
  const whole = await stripe.charges.retrieve(charge);
  assert.deepEqual([whole.amount_refunded, whole.refunded], [22_500, true]);
  assert.equal((await refusal(stripe.refunds.create({ charge, amount: 1 }))).code, 'charge_already_refunded');
  const events = await hooks.until(told('charge.refunded', charge), 2);
  assert.deepEqual(events.map(({ data }) => data.object.amount_refunded), [7_500, 22_500]);
  assert.deepEqual(events[1].data.previous_attributes, { amount_refunded: 7_500 });
  assert.deepEqual((await stripe.refunds.list({ payment_intent: intent.id })).data.map(({ amount }) => amount), [15_000, 7_500]);
});

test('what was not paid is not refunded', async () => {
  const made = await stripe.paymentIntents.create({ amount: 100, currency: 'usd' });
  assert.equal((await refusal(stripe.refunds.create({ payment_intent: made.id }))).param, 'payment_intent');
  assert.equal((await refusal(stripe.refunds.create({}))).statusCode, 400);
  assert.equal((await refusal(stripe.refunds.create({ charge: 'ch_none' }))).code, 'resource_missing');
  const slow = await Sandbox.start('--settle-after-ms', '3600000');
  const pending = await slow.stripe.paymentIntents.create({ amount: 100, currency: 'usd', confirm: true, off_session: true, payment_method: 'pm_usBankAccount_success' });
  assert.equal(pending.status, 'processing');
  assert.equal((await refusal(slow.stripe.refunds.create({ payment_intent: pending.id }))).code, 'charge_not_refundable');
  await slow.stop();
});

test('a refund that fails later gives the amount back to the charge', async () => {
  const intent = await pay('pm_card_refundFail');
  const refund = await stripe.refunds.create({ payment_intent: intent.id });
  assert.equal(refund.status, 'succeeded');
  const [event] = await hooks.until(told('refund.failed', refund.id));
  assert.equal(event.data.object.failure_reason, 'expired_or_canceled_card');
  const charge = await stripe.charges.retrieve(intent.latest_charge.id);
  assert.deepEqual([charge.amount_refunded, charge.refunded], [0, false]);
});

test('a refund that is pending succeeds later', async () => {
  const intent = await pay('pm_card_pendingRefund');
  const refund = await stripe.refunds.create({ payment_intent: intent.id });
  assert.equal(refund.status, 'pending');
  const [event] = await hooks.until((each) => told('refund.updated', refund.id)(each) && each.data.object.status === 'succeeded');
  assert.deepEqual(event.data.previous_attributes, { status: 'pending' });
});

test('any refund can be made to fail, and one can come from elsewhere', async () => {
  const intent = await pay();
  const refund = await sandbox.control('/refunds', { payment_intent: intent.id, amount: 500 });
  const [event] = await hooks.until(told('charge.refunded', intent.latest_charge.id));
  assert.deepEqual(event.request, { id: null, idempotency_key: null });
  assert.equal((await sandbox.control(`/refunds/${refund.id}/fail`)).status, 'failed');
  assert.equal((await stripe.charges.retrieve(intent.latest_charge.id)).amount_refunded, 0);
});

test('a dispute takes the money, and gives it back when it is won', async () => {
  const intent = await pay('pm_card_createDispute');
  await sandbox.control('/clock', { advance_seconds: 2 });
  const [created] = await hooks.until(told('charge.dispute.created', intent.latest_charge.id));
  const dispute = created.data.object;
  assert.deepEqual([dispute.status, dispute.amount, dispute.reason], ['needs_response', 22_500, 'fraudulent']);
  await hooks.until(told('charge.dispute.funds_withdrawn', dispute.id));
  assert.equal((await stripe.charges.retrieve(intent.latest_charge.id)).disputed, true);
  assert.equal((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code, 'charge_disputed');
  const reviewed = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' }, submit: true });
  assert.equal(reviewed.status, 'under_review');
  await sandbox.control('/clock', { advance_seconds: 2 });
  const [closed] = await hooks.until(told('charge.dispute.closed', dispute.id));
  assert.equal(closed.data.object.status, 'won');
  await hooks.until(told('charge.dispute.funds_reinstated', dispute.id));
  assert.equal((await stripe.disputes.retrieve(dispute.id)).balance_transactions.length, 2);
});

test('a dispute is opened and lost as a test wants it', async () => {
  const intent = await pay();
  const dispute = await sandbox.control('/disputes', { payment_intent: intent.id, amount: 10_000, reason: 'duplicate' });
  assert.deepEqual([dispute.amount, dispute.reason], [10_000, 'duplicate']);
  await sandbox.control(`/disputes/${dispute.id}/close`, { outcome: 'lost' });
  const [closed] = await hooks.until(told('charge.dispute.closed', dispute.id));
  assert.deepEqual([closed.data.object.status, closed.data.previous_attributes.status], ['lost', 'needs_response']);
  await assert.rejects(sandbox.control(`/disputes/${dispute.id}/close`, { outcome: 'won' }), /already closed/);
  await assert.rejects(sandbox.control('/disputes', { payment_intent: intent.id }), /disputed already/);
  assert.equal((await stripe.disputes.list({ payment_intent: intent.id })).data.length, 1);
});

test('an inquiry moves no money; a seller may give in', async () => {
  const asked = await sandbox.control('/disputes', { payment_intent: (await pay()).id, inquiry: true });
  assert.deepEqual([asked.status, asked.balance_transactions], ['warning_needs_response', []]);
  assert.equal((await stripe.disputes.close(asked.id)).status, 'warning_closed');
  const other = await sandbox.control('/disputes', { payment_intent: (await pay()).id });
  assert.equal((await stripe.disputes.close(other.id)).status, 'lost');
});

test('an invoice is drafted, finalized and paid with the saved card', async () => {
  const customer = await stripe.customers.create({ email: 'i@example.com' });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
  const draft = await stripe.invoices.create({ customer: customer.id, currency: 'usd', metadata: { purchaseId: 'pur-9' } });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 5_000, currency: 'usd', description: '1000 credits' });
  const open = await stripe.invoices.finalizeInvoice(draft.id);
  assert.deepEqual([open.status, open.total, open.amount_remaining, open.lines.data[0].description], ['open', 5_000, 5_000, '1000 credits']);
  const page = await fetch(open.hosted_invoice_url);
  assert.match(await page.text(), /50\.00 USD/);
  const paid = await stripe.invoices.pay(open.id, {}, { expand: [] });
  assert.deepEqual([paid.status, paid.amount_paid, paid.amount_remaining], ['paid', 5_000, 0]);
  const payments = await stripe.invoicePayments.list({ invoice: paid.id });
  assert.equal((await stripe.paymentIntents.retrieve(payments.data[0].payment.payment_intent)).metadata.purchaseId, 'pur-9');
  await hooks.until(told('invoice.paid', paid.id));
});

test('an invoice that is sent is paid elsewhere, or voided; a declined card leaves it open', async () => {
  const customer = await stripe.customers.create({ email: 'j@example.com' });
  const invoice = async () => {
    await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: 'usd', description: 'x' });
    const made = await stripe.invoices.create({ customer: customer.id, collection_method: 'send_invoice', days_until_due: 30, pending_invoice_items_behavior: 'include' });
    return stripe.invoices.sendInvoice(made.id);
  };
  const sent = await invoice();
  assert.equal(sent.total, 700);
  assert.equal((await stripe.invoices.pay(sent.id, { paid_out_of_band: true })).status, 'paid');
  assert.equal((await stripe.invoices.voidInvoice((await invoice()).id)).status, 'void');
  const open = await invoice();
  assert.equal((await refusal(stripe.invoices.pay(open.id, { payment_method: 'pm_card_chargeCustomerFail' }))).code, 'card_declined');
  const left = await stripe.invoices.retrieve(open.id);
  assert.deepEqual([left.status, left.attempt_count], ['open', 1]);
  assert.deepEqual((await stripe.invoices.list({ customer: customer.id, status: 'open' })).data.map(({ id }) => id), [open.id]);
});
