// node rotating.mjs DIRECTORY TENANT EMAIL BASE_URL: issuers whose keys stand below BASE_URL. Writes issuers.json and
// prints {first: {keys, tokens}, second: {keys, tokens}, strangers, bad: [{name, token}]}: what is served before and after
// a rotation, tokens of each time, tokens with keys that are nowhere, and tokens of issuers that publish nothing usable.
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

globalThis.crypto ??= webcrypto;
const jose = await import('jose');

const [directory, tenant, email, base] = process.argv.slice(2);
const now = Math.floor(Date.now() / 1000);
const issuerOf = (name) => `https://${name}.id.example`;
let tokens = 0;

/** One of many: each is another text. */
function sign(name, kid, key) {
  const claims = { iss: issuerOf(name), aud: 'tessera-app', sub: `sub-${name}`, email, email_verified: true };
  return new jose.SignJWT({ ...claims, jti: String(++tokens), iat: now, exp: now + 600 })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(key);
}
const many = (count, make) => Promise.all(Array.from({ length: count }, (_, index) => make(index)));

async function time(kid) {
  const { publicKey, privateKey } = await jose.generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await jose.exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  return { keys: JSON.stringify({ keys: [jwk] }), tokens: await many(10, () => sign('keys', kid, privateKey)), privateKey };
}

const names = ['keys', 'moved', 'long', 'garbage', 'empty', 'missing'];
const issuers = names.map((name) => ({
  iss: issuerOf(name), aud: 'tessera-app', jwksUrl: `${base}/${name}`, algs: ['ES256'], tenantId: tenant,
}));
writeFileSync(join(directory, 'issuers.json'), JSON.stringify(issuers));

const first = await time('first');
const second = await time('second');
const strangers = await many(20, (index) => sign('keys', `nobody-${index}`, first.privateKey));
const bad = [];
for (const name of names.slice(1)) bad.push({ name, token: await sign(name, 'first', first.privateKey) });
const shown = ({ keys, tokens: signed }) => ({ keys, tokens: signed });
console.log(JSON.stringify({ first: shown(first), second: shown(second), strangers, bad }));
