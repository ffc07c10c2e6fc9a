// node accept.mjs ACCEPT.js: what the script of /accept-invitation does first, with a page that is made up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const script = readFileSync(process.argv[2], 'utf8');
const token = `tsi_${'a'.repeat(43)}`;
const invitation = {
  success: true, organizationName: 'Acme <b>', inviterName: 'Ann', emailMasked: 'j***@company.com', firstName: 'John', role: 'user',
  entities: [{ type: 'location', name: 'Main', role: 'viewer' }], applications: [{ name: 'CRM' }],
  expiresAt: '2026-12-07T09:00:00Z', mode: 'create_account', passwordPolicy: { minLength: 12, maxLength: 128 },
  terms: { version: '1', url: null }, message: null, locale: null, grantVersion: 3,
};

/// Opens the page at that address; `answers` are what calls are answered with, by path.
const open = async (search, hash, answers) => {
  const happened = [];
  const elements = new Map();
  const element = () => ({
    textContent: '', hidden: true, disabled: false, value: '', checked: false, lines: [], listeners: {},
    append(line) { this.lines.push(line); }, focus() {},
    addEventListener(name, run) { this.listeners[name] = run; },
  });
  const at = (id) => elements.get(id) ?? elements.set(id, element()).get(id);
  const context = vm.createContext({
    document: { getElementById: at, createElement: element },
    location: { search, hash, pathname: '/accept-invitation' },
    history: { replaceState: (state, title, address) => happened.push(['address', address]) },
    navigator: { language: 'en' },
    URLSearchParams, Intl, Date, JSON,
    fetch: async (path, options) => {
      happened.push(['call', path, options]);
      const answer = answers[path];
      return { ok: answer.success === true, json: async () => answer };
    },
  });
  vm.runInContext(script, context);
  await new Promise((done) => setImmediate(done));
  return { happened, at };
};

for (const [search, hash] of [[`?token=${token}`, ''], ['', `#token=${token}`]]) {
  const { happened, at } = await open(search, hash, { '/api/invitations/lookup': invitation });
  assert.deepEqual(happened[0], ['address', '/accept-invitation'], 'the token leaves the address bar first');
  const [, path, options] = happened[1];
  assert.equal(path, '/api/invitations/lookup');
  assert.equal(options.method, 'POST');
  assert.equal(options.credentials, 'omit');
  assert.equal(options.referrerPolicy, 'no-referrer');
  assert.deepEqual(JSON.parse(options.body), { token });
  assert.equal(happened.length, 2, 'nothing is accepted by looking');
  assert.equal(at('title').textContent, 'Join Acme <b>', 'text stays text');
  assert.equal(at('form').hidden, false);
}

{
  const { happened, at } = await open('', `#token=${token}`, {
    '/api/invitations/lookup': invitation,
    '/api/invitations/accept': { success: true },
  });
  at('password').value = at('confirm').value = 'SecurePass123!';
  at('terms').checked = true;
  at('form').listeners.submit({ preventDefault() {} });
  await new Promise((done) => setImmediate(done));
  const sent = JSON.parse(happened[2][2].body);
  assert.equal(happened[2][1], '/api/invitations/accept');
  assert.equal(sent.token, token);
  assert.equal(sent.password, 'SecurePass123!');
  assert.equal(sent.acceptTerms, true);
  assert.equal(sent.grantVersion, 3);
  assert.equal(at('form').hidden, true);
}

{
  const { at } = await open('', `#token=${token}`, {
    '/api/invitations/lookup': { success: false, code: 'invitation_superseded', title: 'A newer message was sent' },
  });
  assert.match(at('status').textContent, /newer message/);
  assert.equal(at('form').hidden, true);
}

{
  const { happened, at } = await open('', `#token=${token}`, {
    '/api/invitations/lookup': { success: false, code: 'invitation_expired', title: 'It is over', canRequestNew: true },
    '/api/invitations/request-new': { success: true },
  });
  assert.equal(at('renew').hidden, false, 'whoever comes too late can ask for a new one');
  at('renew').listeners.click();
  await new Promise((done) => setImmediate(done));
  assert.equal(happened[2][1], '/api/invitations/request-new');
  assert.equal(at('renew').hidden, true);
}

{
  const { happened, at } = await open('', '', {});
  assert.equal(happened.length, 1, 'without a token nothing is asked');
  assert.match(at('status').textContent, /link complete/);
}
console.log('the accept page does what it should');
