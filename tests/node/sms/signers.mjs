// node signers.mjs SMS_SIGNATURES [SEED]: whether our X-Twilio-Signature is that of npm's twilio, and whether it and the
// service say the same of 1,000 calls, tampered ones included. Prints its seed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import twilio from 'twilio';

const [binary, given] = process.argv.slice(2);
const seed = Number(given ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

/// mulberry32: the same numbers for the same seed.
let state = seed;
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}
const one = (of) => of[random(of.length)];
const many = (most, make) => Array.from({ length: random(most) }, make);
const token = () => many(40, () => one([...'abcdef0123456789'])).join('') + 'x';
const value = () => many(30, () => one(['a', 'Z', '0', ' ', '+', '&', '=', '%', 'é', '€', '😀', '\n', 'STOP'])).join('');
const names = ['MessageSid', 'MessageStatus', 'SmsSid', 'To', 'From', 'Body', 'ErrorCode', 'AccountSid', 'a', 'b', 'A', 'Zz', 'ApiVersion'];
const address = () =>
  `${one(['https', 'http'])}://${one(['example.com', 'sms.example.com', '127.0.0.1', '[::1]'])}` +
  `${one(['', '', ':8443', ':80', ':443', ':3000'])}${one(['/webhooks/sms', '/webhooks/sms/status', '/a/b/webhooks/sms'])}` +
  `${one(['', '?notification=0198f1c2-7a3e-7b0c-9d4e-5f60718293a5', '?a=1&b=2'])}`;

/// A form's fields; sometimes a name stands there twice.
const fields = () => {
  const some = names.filter(() => random(2)).map((name) => [name, value()]);
  if (random(8) === 0) some.push(['MediaUrl', value()], ['MediaUrl', value()]);
  return some;
};
const as_parameters = (pairs) => {
  const all = {};
  for (const [name, each] of pairs) all[name] = name in all ? [].concat(all[name], each) : each;
  return all;
};
const signed = (it) => twilio.getExpectedTwilioSignature(it.token, it.address, as_parameters(it.fields));

/// What may happen to a call on the way.
const ways = {
  untouched: (it) => it,
  'signed without the port': (it) => ({ ...it, header: signed({ ...it, address: it.address.replace(/^(\w+:\/\/(?:\[[^\]]*\]|[^/:?]*)):\d+/, '$1') }) }),
  'signed with the port of the scheme': (it) => ({ ...it, header: signed({ ...it, address: it.address.replace(/^(https?):\/\/(\[[^\]]*\]|[^/:?]*)(?=[/?])/, (all, scheme, host) => `${scheme}://${host}:${scheme === 'https' ? 443 : 80}`) }) }),
  'fields in another order': (it) => ({ ...it, fields: [...it.fields].reverse() }),
  'another token': (it) => ({ ...it, token: `${it.token}0` }),
  'another address': (it) => ({ ...it, address: it.address.replace('/webhooks', '/webhook') }),
  'another query': (it) => ({ ...it, address: `${it.address}${it.address.includes('?') ? '&' : '?'}x=1` }),
  'another value': (it) => ({ ...it, fields: [...it.fields, ['Extra', '1']] }),
  'one field less': (it) => ({ ...it, fields: it.fields.slice(1), header: it.fields.length ? it.header : 'none' }),
  'a value moved to its name': (it) => ({ ...it, fields: it.fields.map(([name, each]) => [name + [...each].slice(0, 1).join(''), [...each].slice(1).join('')]) }),
  'one letter of the signature changed': (it) => ({ ...it, header: (it.header[0] === 'A' ? 'B' : 'A') + it.header.slice(1) }),
  'a signature that is cut short': (it) => ({ ...it, header: it.header.slice(0, -1) }),
  'no signature': (it) => ({ ...it, header: '' }),
  'another scheme': (it) => ({ ...it, address: it.address.replace(/^https?/, (scheme) => (scheme === 'https' ? 'http' : 'https')) }),
};

function ask(cases) {
  const { stdout, status, stderr } = spawnSync(binary, { input: cases.map((each) => JSON.stringify(each)).join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr);
  const answers = stdout.split('\n').slice(0, -1);
  assert.equal(answers.length, cases.length);
  return answers;
}

const plain = Array.from({ length: 1_000 }, () => ({ token: token(), address: address(), fields: fields() }));
const ours = ask(plain.map((each) => ({ op: 'sign', ...each })));
plain.forEach((each, at) => assert.equal(ours[at], signed(each), JSON.stringify(each)));

const names_of_ways = Object.keys(ways);
const cases = plain.map((each, at) => {
  const way = names_of_ways[at % names_of_ways.length];
  return { way, ...ways[way]({ ...each, header: ours[at] }) };
});
const verdicts = ask(cases.map((each) => ({ op: 'verify', ...each })));
const taken = { good: 0, bad: 0 };
cases.forEach((each, at) => {
  const theirs = twilio.validateRequest(each.token, each.header, each.address, as_parameters(each.fields));
  assert.equal(verdicts[at] === 'good', theirs, `${each.way}: we say ${verdicts[at]}\n${JSON.stringify(each)}`);
  ++taken[verdicts[at]];
});
// Both kinds must occur, or this compares nothing.
assert.ok(taken.good > 200 && taken.bad > 300, JSON.stringify(taken));
console.log(`1000 signed alike; of 1000 calls ${taken.good} were taken and ${taken.bad} refused by both`);
