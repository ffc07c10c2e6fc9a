// A running paysim, the official SDK that calls it, and a place to which its webhooks come.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import Stripe from 'stripe';

export const binary = process.argv[2];
export const webhookSecret = 'whsec_of_the_tests';

/// Takes what is posted: raw bodies with their signatures, in the order of their arrival. `answer` is the status it gives.
export class Receiver {
  received = [];
  answer = () => 200;
  #waiting = new Set();

  async start() {
    this.server = createServer(async (request, response) => {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      const body = Buffer.concat(pieces).toString('utf8');
      const one = { body, signature: request.headers['stripe-signature'], event: JSON.parse(body) };
      const status = this.answer(one);
      this.received.push(one);
      response.writeHead(status).end();
      for (const look of this.#waiting) look();
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}/webhooks/stripe`;
    return this;
  }

  events(type) {
    return this.received.map(({ event }) => event).filter((event) => !type || event.type === type);
  }

  /// The events for which `wanted` holds, as soon as there are that many.
  until(wanted, count = 1, limit = 30_000) {
    const found = () => this.events().filter(wanted);
    return new Promise((resolve, reject) => {
      const look = () => {
        if (found().length < count) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found());
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${count} events did not come, but ${this.events().map(({ type }) => type)}`));
      }, limit);
      this.#waiting.add(look);
      look();
    });
  }

  stop() {
    this.server.closeAllConnections?.();
    this.server.close();
  }
}

export class Sandbox {
  /// Started with a receiver of its webhooks.
  static async start(...flags) {
    const sandbox = new Sandbox();
    const defaults = flags.includes('--settle-after-ms') ? [] : ['--settle-after-ms', '100'];
    sandbox.hooks = await new Receiver().start();
    sandbox.child = spawn(
      binary,
      [...defaults, '--webhook-url', sandbox.hooks.url, '--webhook-secret', webhookSecret, ...flags],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface({ input: sandbox.child.stdout })) {
      sandbox.url = line.replace('listening on ', '');
      break;
    }
    sandbox.stripe = sandbox.client();
    return sandbox;
  }

  client(options = {}, key = 'sk_test_of_the_tests') {
    const { hostname, port } = new URL(this.url);
    return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options });
  }

  async control(path, body, method = 'POST') {
    const response = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  /// What a browser does that presses a button on a page: returns where it is led, or the page that it sees.
  async press(url, action, fields = {}) {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ action, ...fields }),
    });
    return { status: response.status, location: response.headers.get('location'), text: await response.text() };
  }

  async stop() {
    this.child.kill('SIGTERM');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    this.hooks.stop();
  }
}

/// The error that a call ends with.
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('it was not refused');
}
