// node issuer.mjs DIRECTORY TENANT EMAIL: an issuer for each algorithm, with its keys and its tokens. Writes issuers.json
// and a JWK set each, and prints [{name, good, token}].
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

globalThis.crypto ??= webcrypto;
const jose = await import('jose');

const [directory, tenant, email] = process.argv.slice(2);
const algorithms = ['RS256', 'ES256', 'EdDSA'];
const issuers = [];
const tokens = [];

const claimsOf = (issuer) => ({ iss: issuer, aud: 'tessera-app', sub: `sub-${issuer}`, email, email_verified: true });
const lasting = (claims) => ({ iat: now(), exp: now() + 600, ...claims });
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims, header, key) => new jose.SignJWT(claims).setProtectedHeader(header).sign(key);

/** Another letter in the middle of a segment. */
function tampered(token, segment) {
  const parts = token.split('.');
  const at = Math.floor(parts[segment].length / 2);
  const other = parts[segment][at] === 'A' ? 'B' : 'A';
  parts[segment] = parts[segment].slice(0, at) + other + parts[segment].slice(at + 1);
  return parts.join('.');
}

for (const alg of algorithms) {
  const issuer = `https://${alg.toLowerCase()}.id.example`;
  const kid = `key-of-${alg}`;
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
  const jwk = { ...(await jose.exportJWK(publicKey)), kid, alg, use: 'sig' };
  const file = join(directory, `${alg}.json`);
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  issuers.push({ iss: issuer, aud: 'tessera-app', jwksFile: file, algs: [alg], tenantId: tenant });

  const claims = claimsOf(issuer);
  const stranger = await jose.generateKeyPair(alg, { ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
  const good = await sign(lasting(claims), { alg, kid }, privateKey);
  const add = (name, token, isGood = false) => tokens.push({ name: `${alg} ${name}`, good: isGood, token });
  add('signed', good, true);
  add('without kid', await sign(lasting(claims), { alg }, privateKey), true);
  add('several audiences', await sign(lasting({ ...claims, aud: ['x', 'tessera-app'] }), { alg, kid }, privateKey), true);
  add('header tampered with', tampered(good, 0));
  add('payload tampered with', tampered(good, 1));
  add('signature tampered with', tampered(good, 2));
  add('signed by a stranger', await sign(lasting(claims), { alg, kid }, stranger.privateKey));
  add('expired', await sign(lasting({ ...claims, iat: now() - 700, exp: now() - 90 }), { alg, kid }, privateKey));
  add('without end', await sign({ ...claims, iat: now() }, { alg, kid }, privateKey));
  add('not yet', await sign(lasting({ ...claims, nbf: now() + 120 }), { alg, kid }, privateKey));
  add('another audience', await sign(lasting({ ...claims, aud: 'other' }), { alg, kid }, privateKey));
  add('another issuer', await sign(lasting({ ...claims, iss: 'https://other.example' }), { alg, kid }, privateKey));
  add('another key', await sign(lasting(claims), { alg, kid: 'key-of-nobody' }, privateKey));
  // The public key as an HMAC's secret.
  const secret = new TextEncoder().encode(alg === 'RS256' ? await jose.exportSPKI(publicKey) : JSON.stringify(jwk));
  add('HS256 with the public key', await sign(lasting(claims), { alg: 'HS256', kid }, secret));
  add('unsecured', new jose.UnsecuredJWT(lasting(claims)).encode());
}
writeFileSync(join(directory, 'issuers.json'), JSON.stringify(issuers));
console.log(JSON.stringify(tokens));
