// node signers.mjs PAYMENT_SIGNATURES: whether our signatures are those of the official SDK, and whether it and the service
// say the same of 1,000 headers, rotated and tampered ones included. Prints its seed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import Stripe from 'stripe';

const [binary, given] = process.argv.slice(2);
const seed = Number(given ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);
const { webhooks } = new Stripe('sk_test_x');
const now = 1_790_000_000;
const tolerance = 300;

/// mulberry32: the same numbers for the same seed.
let state = seed;
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}
const one = (of) => of[random(of.length)];
const pieces = ['a', 'é', '€', '😀', '"', '\\', '\n', '\u2028', ' ', '.', ',', '=', '0', '{}', 't=1', 'v1='];
const text = (longest) => Array.from({ length: random(longest) }, () => one(pieces)).join('');
const secret = () => `whsec_${Array.from({ length: 1 + random(40) }, () => one([...'abcXYZ019+/='])).join('')}`;
const payload = () => JSON.stringify({ id: `evt_${random(1e9)}`, object: 'event', data: { object: { note: text(60) } } });

/// What may happen to a header or its body on the way. Each gives a case: body, header, the receiver's secrets and its time.
const ways = {
  untouched: (it) => it,
  'with two secrets of which one signed': (it) => ({ ...it, secrets: [secret(), ...it.secrets] }),
  'signed while the secret is changed': (it) => ({ ...it, header: merged(it.header, signed(it.body, it.time, secret())) }),
  'signed by somebody else too, first': (it) => ({ ...it, header: merged(signed(it.body, it.time, secret()), it.header) }),
  'signed by somebody else': (it) => ({ ...it, header: signed(it.body, it.time, secret()) }),
  'another body': (it) => ({ ...it, body: it.body.replace('evt_', 'evt_0') }),
  'a body with one more space': (it) => ({ ...it, body: `${it.body} ` }),
  'another time in the header': (it) => ({ ...it, header: it.header.replace(`t=${it.time}`, `t=${it.time + 1}`) }),
  'one digit of the signature changed': (it) => ({ ...it, header: it.header.slice(0, -1) + (it.header.endsWith('0') ? '1' : '0') }),
  'a signature that is cut short': (it) => ({ ...it, header: it.header.slice(0, -2) }),
  'a signature that is longer': (it) => ({ ...it, header: `${it.header}00` }),
  'in capitals': (it) => ({ ...it, header: it.header.replace(/v1=.*/, (found) => `v1=${found.slice(3).toUpperCase()}`) }),
  'only v0': (it) => ({ ...it, header: it.header.replace('v1=', 'v0=') }),
  'v0 beside v1': (it) => ({ ...it, header: `${it.header},v0=${'0'.repeat(64)}` }),
  'the time behind the signature': (it) => ({ ...it, header: it.header.split(',').reverse().join(',') }),
  'no time': (it) => ({ ...it, header: it.header.replace(/^t=\d+,/, '') }),
  'no header': (it) => ({ ...it, header: '' }),
  'just in time': (it) => ({ ...it, now: it.time + tolerance }),
  'too late': (it) => ({ ...it, now: it.time + tolerance + 1 + random(1e6) }),
};

function signed(body, time, by) {
  return webhooks.generateTestHeaderString({ payload: body, secret: by, timestamp: time });
}
function merged(first, second) {
  return `${first},${second.split(',').slice(1).join(',')}`;
}

function sdk_takes({ body, header, secrets, now: at }) {
  return secrets.some((each) => {
    try {
      webhooks.constructEvent(body, header, each, tolerance, undefined, at * 1000);
      return true;
    } catch {
      return false;
    }
  });
}

function ask(cases) {
  const { stdout, status, stderr } = spawnSync(binary, { input: cases.map((each) => JSON.stringify(each)).join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr);
  const answers = stdout.split('\n').slice(0, -1);
  assert.equal(answers.length, cases.length);
  return answers;
}

const plain = Array.from({ length: 1_000 }, () => ({ body: payload(), time: now - random(200), by: secret() }));
const ours = ask(plain.map(({ body, time, by }) => ({ op: 'sign', body, time, secrets: [by] })));
plain.forEach(({ body, time, by }, at) => assert.equal(ours[at], signed(body, time, by)));

const names = Object.keys(ways);
const cases = plain.map(({ body, time, by }, at) => {
  const way = names[at % names.length];
  return { way, ...ways[way]({ body, time, header: ours[at], secrets: [by], now }) };
});
const verdicts = ask(cases.map((each) => ({ op: 'verify', ...each })));
const taken = { good: 0, refused: 0 };
cases.forEach((each, at) => {
  assert.equal(verdicts[at] === 'good', sdk_takes(each), `${each.way}: we say ${verdicts[at]}\n${JSON.stringify(each)}`);
  ++taken[verdicts[at] === 'good' ? 'good' : 'refused'];
});
// Both kinds must occur, or this compares nothing.
assert.ok(taken.good > 300 && taken.refused > 300);
// The one thing in which we are stricter: the SDK takes what will be signed tomorrow.
const tomorrow = { body: '{}', header: signed('{}', now + tolerance + 1, 'whsec_a'), secrets: ['whsec_a'], now };
assert.ok(sdk_takes(tomorrow));
assert.deepEqual(ask([{ op: 'verify', ...tomorrow }]), ['too_old']);
console.log(`1000 signed alike; of 1000 headers ${taken.good} were taken and ${taken.refused} refused by both`);
