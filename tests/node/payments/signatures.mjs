// Prints a thousand signed bodies as JSON lines, each with what the provider's SDK says of it: {header, body, secrets, good}.
// They are signed with old, new, several and other secrets, now, long ago and in the future, and some are tampered with.
import Stripe from 'stripe';

const stripe = new Stripe('sk_test_x');
const now = Number(process.argv[2]);
let state = 42;
const dice = (sides) => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * sides);
};
const letters = (count) => Array.from({ length: count }, () => String.fromCodePoint(32 + dice(95))).join('');
const pick = (list) => list[dice(list.length)];

const believes = (body, header, secret) => {
  try {
    stripe.webhooks.signature.verifyHeader(body, header, secret, 300, undefined, now * 1000);
    return true;
  } catch {
    return false;
  }
};

for (let i = 0; i < 1000; ++i) {
  const secrets = Array.from({ length: 1 + dice(3) }, () => 'whsec_' + dice(1e9));
  let body = JSON.stringify({ id: 'evt_' + i, text: letters(dice(200)), name: pick(['é', '漢字', '😀', 'plain']) });
  const timestamp = now + pick([0, 0, 0, -1, 1, -299, 299, -300, -301, -4000]);
  const sign = (secret) => stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  let header = sign(pick([...secrets, ...secrets, 'whsec_another']));
  if (dice(4) === 0) header += ',' + sign(pick([...secrets, 'whsec_another'])).split(',').slice(1).join(',');
  if (dice(6) === 0) header = header.replace('v1=', 'v0=');
  if (dice(6) === 0) header = header.replace(/.$/, (c) => (c === '0' ? '1' : '0'));
  if (dice(8) === 0) body += ' ';
  const good = secrets.some((secret) => believes(body, header, secret));
  console.log(JSON.stringify({ header, body, secrets, good }));
}
