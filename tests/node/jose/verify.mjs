// node verify.mjs BASE_URL TOKEN: verifies one of our access tokens with the keys that the service publishes. Prints what
// it says; exits with 1 when it is not valid.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
const jose = await import('jose');

const [base, token] = process.argv.slice(2);
const published = await (await fetch(`${base}/.well-known/jwks.json`)).json();
try {
  const { payload, protectedHeader } = await jose.jwtVerify(token, jose.createLocalJWKSet(published), {
    issuer: 'tessera', // where no public base URL is configured
    audience: 'tessera',
    typ: 'at+jwt',
  });
  console.log(JSON.stringify({ header: protectedHeader, payload }));
} catch (why) {
  console.log(String(why));
  process.exit(1);
}
