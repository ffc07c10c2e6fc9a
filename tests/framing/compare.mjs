// node compare.mjs FRAMING_STREAMS [--streams N] [--seed N] [--first N]: whether node's HTTP server sees in streams of bytes
// what we see. A violation is a request that node does not see, or sees with another target, header or body. We may see
// fewer: what has two readings is refused. Then the same without our gate, which must give violations: else this
// comparison compares nothing. Exits with 1 on a violation and prints its bytes.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { Duplex } from 'node:stream';

const batch = 500; // streams between two turns of the event loop, in which node hands bodies out
const shown = 5;

const options = { streams: 20_000, seed: 1, first: 0 };
const [binary, ...rest] = process.argv.slice(2);
for (let at = 0; at < rest.length; at += 2) options[rest[at].slice(2)] = Number(rest[at + 1]);

// Limits are no framing: node's are set higher than ours.
const server = http.createServer({ insecureHTTPParser: false, maxHeaderSize: 64 * 1024, requestTimeout: 0, headersTimeout: 0 });

/// A connection without a socket.
class Wire extends Duplex {
  seen = [];
  error = '';
  _read() {}
  _write(chunk, encoding, done) {
    done();
  }
}

function see(request) {
  const one = { method: request.method, target: request.url, headers: headersOf(request), body: [], whole: false };
  request.socket.seen.push(one);
  request.on('data', (piece) => one.body.push(piece));
  request.on('end', () => (one.whole = request.complete));
  request.on('error', () => {});
}

function headersOf({ rawHeaders }) {
  let text = '';
  for (let at = 0; at < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1].trim()}\n`;
  return text;
}

for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, see);
server.on('connect', (request, socket) => socket.seen.push({ method: request.method, target: request.url, headers: headersOf(request), body: [], whole: true }));
server.on('clientError', (error, socket) => (socket.error ||= error.code ?? String(error)));

function show(bytes) {
  const wire = new Wire();
  server.emit('connection', wire);
  wire.emit('data', bytes);
  return wire;
}

/// Records of framing_streams: a stream, and the requests that we see in it.
class Records {
  #held = Buffer.alloc(0);
  * take(chunk) {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let from = 0;
    for (let next; (next = this.#read(from)); from = next.end) yield next;
    this.#held = this.#held.subarray(from);
  }
  #read(from) {
    let end = from;
    const number = () => (end += 4) <= this.#held.length ? this.#held.readUInt32BE(end - 4) : NaN;
    const text = () => {
      const size = number();
      end += size;
      return end <= this.#held.length ? this.#held.subarray(end - size, end) : undefined;
    };
    const bytes = text();
    const ours = [];
    if (!bytes) return undefined;
    for (let left = number(); left > 0; --left)
      ours.push({ method: text(), target: text(), headers: text(), body: text() });
    return end <= this.#held.length ? { bytes, ours, end } : undefined;
  }
}

/// Why the requests are not the same; empty: they are, or we see fewer.
function difference(ours, wire, bare) {
  for (let at = 0; at < ours.length; ++at) {
    const [our, their] = [ours[at], wire.seen[at]];
    if (!their) return `request ${at} is seen by us alone (node: ${wire.error || 'waits'})`;
    if (!their.whole) return `request ${at} is whole for us alone (node: ${wire.error || 'waits'})`;
    if (our.method.toString('latin1') !== their.method) return `request ${at} has another method`;
    if (our.target.toString('latin1') !== their.target) return `request ${at} has another target`;
    if (!bare && our.headers.toString('latin1') !== their.headers) return `request ${at} has other headers`;
    if (!our.body.equals(Buffer.concat(their.body))) return `request ${at} has another body`;
  }
  return '';
}

/// What of our requests can be compared. Two things end a connection for node's parser that are no other reading of the
/// bytes: a method that is not registered, which we answer 501; and an upgrade, after which it drops the bytes of the same
/// piece even where nobody listens for upgrades, while we answer without it, as RFC 9110 7.8 says.
function comparable(ours, wire) {
  const end = wire.seen.length;
  if (end >= ours.length) return ours;
  const unknown = wire.error === 'HPE_INVALID_METHOD' && !http.METHODS.includes(ours[end].method.toString('latin1'));
  const headers = end > 0 && !wire.error ? wire.seen[end - 1].headers : '';
  const upgraded = /^upgrade:/im.test(headers) && /^(proxy-)?connection:.*upgrade/im.test(headers);
  return unknown || upgraded ? ours.slice(0, end) : ours;
}

async function compare(count, bare) {
  const from = process.hrtime.bigint();
  const sum = { streams: 0, ours: 0, theirs: 0, fewer: 0, cut: 0, violations: 0, seconds: 0 };
  const maker = spawn(binary, [options.seed, options.first, count, ...(bare ? ['--without-gate'] : [])].map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise((done) => maker.on('exit', done));
  const records = new Records();
  let waiting = [];
  const judge = async () => {
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const { bytes, ours, wire } of waiting) {
      const compared = comparable(ours, wire);
      const why = difference(compared, wire, bare);
      if (why && ++sum.violations <= shown && !bare) console.log(`stream ${options.first + sum.streams}: ${why}\n  ${JSON.stringify(bytes.toString('latin1'))}`);
      sum.streams += 1;
      sum.ours += ours.length;
      sum.theirs += wire.seen.length;
      sum.fewer += ours.length < wire.seen.length;
      sum.cut += compared.length < ours.length;
      wire.destroy();
    }
    waiting = [];
  };
  for await (const chunk of maker.stdout)
    for (const { bytes, ours } of records.take(chunk)) {
      waiting.push({ bytes, ours, wire: show(bytes) });
      if (waiting.length === batch) await judge();
    }
  await judge();
  sum.code = await exit;
  sum.seconds = Math.round(Number(process.hrtime.bigint() - from) / 1e8) / 10;
  return sum;
}

const gated = await compare(options.streams, false);
console.log('with the gate   ', JSON.stringify(gated));
const control = await compare(Math.min(options.streams, 2_000), true);
console.log('without the gate', JSON.stringify(control));
const whole = gated.code === 0 && gated.streams === options.streams;
process.exit(whole && gated.violations === 0 && gated.ours > 0 && control.violations > 0 ? 0 : 1);
