// node client.mjs BASE_URL KEY ORGANIZATION RECEIVER: buys, moves, spends and holds through the typed client. Every field that
// is used here is known to the compiler. Exits with 1 where the service answers something else.
import createClient from 'openapi-fetch';
import type { paths } from '../built/api.js';

declare const process: { argv: string[]; exitCode?: number };

const [baseUrl, key, organization, receiver] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({
  baseUrl,
  headers: { Authorization: `Bearer ${key}`, 'X-Application': 'crm' },
});
const entity = { entityType: 'organization', entityId: organization } as const;

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

function answered<Data>(what: string, { data, error }: { data?: Data; error?: unknown }): Data {
  if (data === undefined) throw new Error(`${what}: ${JSON.stringify(error)}`);
  return data;
}

async function buy(): Promise<number> {
  const { packages } = answered('packages', await client.GET('/api/credits/packages'));
  const thousand = packages.find((each) => each.credits === 1000 && each.active);
  must(thousand !== undefined, 'no package of 1000');
  const receipt = answered('purchase', await client.POST('/api/credits/purchase', {
    params: { header: { 'Idempotency-Key': 'typed-purchase' } },
    body: { ...entity, packageId: thousand.packageId, paymentMethod: 'test' },
  }));
  must(receipt.status === 'completed' && receipt.creditsAdded === 1000, 'bought 1000');
  return receipt.newBalance;
}

async function allocate(before: number): Promise<number> {
  const { fromBalance, allocations } = answered('allocate', await client.POST('/api/credits/allocate', {
    body: {
      fromEntityType: 'organization', fromEntityId: organization,
      allocations: [{ toEntityType: 'location', toEntityId: receiver, credits: 200 }],
    },
  }));
  must(fromBalance === before - 200 && allocations[0]?.toEntityId === receiver, 'moved 200');
  return fromBalance;
}

async function spend(before: number): Promise<number> {
  const receipt = answered('consume', await client.POST('/api/credits/consume', { body: { ...entity, credits: 25, meter: 'api.calls' } }));
  must('transactionId' in receipt, 'a single spend has a receipt');
  must(receipt.availableCredits === before - 25, 'spent 25');
  return receipt.availableCredits;
}

async function hold_and_capture(before: number): Promise<number> {
  const held = answered('hold', await client.POST('/api/credits/holds', { body: { ...entity, credits: 50, ttlSeconds: 60 } }));
  must(held.availableCredits === before - 50, 'held 50');
  const captured = answered('capture', await client.POST('/api/credits/holds/{id}/capture', {
    params: { path: { id: held.holdId } },
    body: { credits: 35 },
  }));
  must(captured.status === 'captured' && captured.captured === 35, 'captured 35');
  must(captured.availableCredits === before - 35, 'the rest came back');
  return captured.availableCredits;
}

/// The code of a problem tells the compiler what else it has.
async function spend_too_much(before: number): Promise<void> {
  const { error } = await client.POST('/api/credits/consume', { body: { ...entity, credits: before + 1 } });
  must(error !== undefined, 'refused');
  switch (error.code) {
    case 'insufficient_credits':
      must(error.wouldAllow === before && error.blockedBy.kind === 'balance', 'says what would pass');
      return;
    default:
      throw new Error(`refused with ${error.code}`);
  }
}

const bought = await buy();
const left = await hold_and_capture(await spend(await allocate(bought)));
await spend_too_much(left);
const balance = answered('balance', await client.GET('/api/credits/balance/{entityType}/{entityId}', { params: { path: entity } }));
must(balance.availableCredits === left && balance.rollup?.descendants === 200, 'the balance is what the answers said');
console.log(`left ${left}`);
