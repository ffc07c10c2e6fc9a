// node tokens.mjs http/pages: what the scripts of /reset-password and /verify-email do, with a page that is made up, and
// whether the pages themselves are ones that everybody can use.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const pages = process.argv[2];
const pending = () => new Promise((done) => setImmediate(done));

/// Opens the page at that address; `answers` are what calls are answered with, by path.
const open = async (script, path, search, hash, answers = {}) => {
  const happened = [];
  const elements = new Map();
  const element = () => ({
    textContent: '', hidden: true, disabled: false, value: '', listeners: {}, focus() { happened.push(['focus']); },
    addEventListener(name, run) { this.listeners[name] = run; },
  });
  const at = (id) => elements.get(id) ?? elements.set(id, element()).get(id);
  const context = vm.createContext({
    document: { getElementById: at },
    location: { search, hash, pathname: path },
    history: { replaceState: (state, title, address) => happened.push(['address', address]) },
    URLSearchParams, JSON,
    fetch: async (called, options) => {
      happened.push(['call', called, options]);
      const answer = answers[called];
      return { ok: answer.success === true, json: async () => answer };
    },
  });
  vm.runInContext(readFileSync(`${pages}/${script}`, 'utf8'), context);
  await pending();
  return { happened, at, submit: async () => { at('form').listeners.submit({ preventDefault() {} }); await pending(); } };
};
const private_call = (options) => {
  assert.equal(options.method, 'POST');
  assert.equal(options.credentials, 'omit');
  assert.equal(options.referrerPolicy, 'no-referrer');
  assert.equal(options.cache, 'no-store');
};

const kinds = [
  { script: 'reset.js', path: '/reset-password', token: `tsp_${'a'.repeat(43)}`, call: '/api/auth/password/reset' },
  { script: 'verify.js', path: '/verify-email', token: `tsv_${'a'.repeat(43)}`, call: '/api/auth/email/verify' },
];
for (const { script, path, token, call } of kinds) {
  for (const [search, hash] of [[`?token=${token}`, ''], ['', `#token=${token}`]]) {
    const { happened, at } = await open(script, path, search, hash);
    assert.deepEqual(happened, [['address', path]], 'the token leaves the address bar, and nothing is asked');
    assert.equal(at('form').hidden, false);
  }
  {
    const { happened, at } = await open(script, path, '', '');
    assert.deepEqual(happened, [['address', path]]);
    assert.match(at('status').textContent, /link is not good/);
    assert.equal(at('form').hidden, true);
  }
  for (const [code, words] of [['token_expired', /used already/], ['token_unknown', /complete/], ['rate_limited', /minute/]]) {
    const { at, submit } = await open(script, path, '', `#token=${token}`, { [call]: { success: false, code, title: 'x' } });
    await submit();
    assert.match(at('error').textContent, words);
    assert.equal(at('form').hidden, false, 'another try is possible');
  }
  {
    const { happened, at, submit } = await open(script, path, '', `#token=${token}`, { [call]: { success: true } });
    at('password').value = 'a horse that runs';
    at('confirm').value = 'a horse that runs';
    await submit();
    const [, called, options] = happened[1];
    assert.equal(called, call);
    private_call(options);
    const sent = JSON.parse(options.body);
    assert.equal(sent.token, token);
    if (script === 'reset.js') assert.deepEqual(sent, { token, password: 'a horse that runs', confirmPassword: 'a horse that runs' });
    else assert.deepEqual(sent, { token });
    assert.equal(at('form').hidden, true);
    assert.deepEqual(happened.at(-1), ['focus'], 'who reads by ear is told where they are');
  }
}
{
  const { path, token, call } = kinds[0];
  const answer = { success: false, code: 'validation_failed', title: 'x', errors: [{ pointer: '/password', code: 'password_too_common' }] };
  const { at, submit } = await open('reset.js', path, '', `#token=${token}`, { [call]: answer });
  await submit();
  assert.match(at('error').textContent, /tried first/);
}

for (const page of ['reset.html', 'verify.html']) {
  const html = readFileSync(`${pages}/${page}`, 'utf8');
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<title>[^<]+<\/title>/);
  assert.match(html, /name="viewport" content="width=device-width/);
  assert.match(html, /name="referrer" content="no-referrer"/);
  assert.match(html, /role="status" aria-live="polite"/);
  assert.match(html, /role="alert"/);
  assert.equal((html.match(/<h1/g) ?? []).length, 1);
  for (const [, id] of html.matchAll(/<input id="([^"]+)"/g)) assert.match(html, new RegExp(`<label for="${id}">`), `${id} has a label`);
  for (const [, to] of html.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(to, /^\/(reset-password|verify-email)\//, 'nothing of others');
  assert.doesNotMatch(html, /<script(?![^>]*src=)|style=|\son[a-z]+=/, 'nothing inline');
}
console.log('the pages of tokens do what they should');
