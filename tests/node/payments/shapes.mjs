// node shapes.mjs PAYSIM: whether the official types allow what the sandbox answers. Every object of it is written down as a
// constant of its type, strictly: a member that is missing, of another type or not in the type is an error of tsc.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sandbox, refusal } from './sandbox.mjs';

const built = join(dirname(fileURLToPath(import.meta.url)), '../built/shapes');
const sandbox = await Sandbox.start();
const { stripe, hooks } = sandbox;
const objects = [];
const keep = (type, object) => objects.push([type, JSON.parse(JSON.stringify(object))]);

const pays = { amount: 22_500, currency: 'usd', confirm: true, off_session: true };
const order = { success_url: 'https://shop.example/', line_items: [{ price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'x' } }, quantity: 1 }] };

async function customersAndMethods() {
  const customer = await stripe.customers.create({ email: 'a@example.com', address: { line1: 'x', country: 'DE' } });
  keep('Customer', customer);
  keep('PaymentMethod', await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id }));
  keep('PaymentMethod', await stripe.paymentMethods.retrieve('pm_usBankAccount_success'));
  keep('SetupIntent', await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa', confirm: true }));
  const asked = await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_authenticationRequired', confirm: true });
  keep('SetupIntent', asked);
  await sandbox.control(`/intents/${asked.id}/authenticate`, { outcome: 'fail' });
  keep('SetupIntent', await stripe.setupIntents.retrieve(asked.id));
  return customer.id;
}

async function payments() {
  const paid = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_visa', expand: ['latest_charge.balance_transaction'] });
  keep('BalanceTransaction', paid.latest_charge.balance_transaction);
  keep('Charge', { ...paid.latest_charge, balance_transaction: paid.latest_charge.balance_transaction.id });
  keep('PaymentIntent', await stripe.paymentIntents.retrieve(paid.id));
  keep('PaymentIntent', await stripe.paymentIntents.create({ amount: 100, currency: 'usd' }));
  keep('PaymentIntent', await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_usBankAccount_success' }));
  keep('PaymentIntent', await stripe.paymentIntents.create({ ...pays, off_session: undefined, return_url: 'https://shop.example/', payment_method: 'pm_card_authenticationRequired' }));
  const { payment_intent: failed } = await refusal(stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_visa_chargeDeclined' }));
  keep('PaymentIntent', failed);
  keep('Charge', await stripe.charges.retrieve(failed.latest_charge));
  keep('Refund', await stripe.refunds.create({ payment_intent: paid.id, amount: 500, reason: 'duplicate' }));
  const slow = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_pendingRefund' });
  keep('Refund', await stripe.refunds.create({ payment_intent: slow.id }));
  const disputed = await stripe.paymentIntents.create({ ...pays, payment_method: 'pm_card_visa' });
  const dispute = await sandbox.control('/disputes', { payment_intent: disputed.id });
  keep('Dispute', await stripe.disputes.retrieve(dispute.id));
}

async function checkoutAndInvoices(customer) {
  const product = await stripe.products.create({ name: 'Basic' });
  keep('Product', product);
  keep('Price', await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 500 }));
  const session = await stripe.checkout.sessions.create({ ...order, mode: 'payment', invoice_creation: { enabled: true } });
  keep('Checkout.Session', session);
  await sandbox.press(session.url, 'pay', { email: 'b@example.com' });
  keep('Checkout.Session', await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] }));
  keep('Checkout.Session', await stripe.checkout.sessions.create({ ...order, line_items: undefined, mode: 'setup', customer, currency: 'usd' }));
  const draft = await stripe.invoices.create({ customer });
  keep('Invoice', draft);
  keep('InvoiceItem', await stripe.invoiceItems.create({ customer, invoice: draft.id, amount: 500, currency: 'usd', description: 'x' }));
  keep('Invoice', await stripe.invoices.pay(draft.id, { payment_method: 'pm_card_visa' }));
  keep('InvoicePayment', (await stripe.invoicePayments.list({ invoice: draft.id })).data[0]);
  keep('WebhookEndpoint', await stripe.webhookEndpoints.create({ url: 'https://shop.example/', enabled_events: ['*'] }));
}

/// One of each type, as it was posted.
function events() {
  const seen = new Map(hooks.events().map((event) => [event.type, event]));
  for (const event of seen.values()) keep('Event', event);
}

/// Numbers that the SDK makes of texts are not what was sent: they are shown as it shows them.
function literal(value, name = '') {
  if (name.endsWith('_decimal') && typeof value === 'string') return `Stripe.Decimal.from(${JSON.stringify(value)})`;
  if (Array.isArray(value)) return `[${value.map((each) => literal(each)).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${literal(each, key)}`).join(', ')} }`;
}

try {
  const customer = await customersAndMethods();
  await payments();
  await checkoutAndInvoices(customer);
  events();
} finally {
  await sandbox.stop();
}
mkdirSync(built, { recursive: true });
const constants = objects.map(([type, object], at) => `// ${object.id}\nexport const object_${at}: Stripe.${type} = ${literal(object)};`);
writeFileSync(join(built, 'shapes.mts'), `import Stripe from 'stripe';\n${constants.join('\n')}\n`);
writeFileSync(
  join(built, 'tsconfig.json'),
  JSON.stringify({
    compilerOptions: { target: 'es2022', module: 'nodenext', lib: ['es2022', 'dom'], types: [], strict: true, noEmit: true, skipLibCheck: true },
    files: ['shapes.mts'],
  }),
);
const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
try {
  execFileSync(process.execPath, [compiler, '--project', built], { stdio: 'inherit' });
} catch {
  process.exit(1);
}
console.log(`${objects.length} objects of ${new Set(objects.map(([type]) => type)).size} types`);
