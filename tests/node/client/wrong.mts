// What the compiler must refuse. Where it does not, "@ts-expect-error" is itself an error. Never run.
import createClient from 'openapi-fetch';
import type { paths } from '../built/api.js';

const client = createClient<paths>({ baseUrl: '' });
const entity = { entityType: 'organization', entityId: 'org-1' } as const;

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such path
  await client.POST('/api/credits/spend', { body: { ...entity, credits: 1 } });
  // @ts-expect-error the amount is missing
  await client.POST('/api/credits/holds', { body: entity });
  // @ts-expect-error credits are a number
  await client.POST('/api/credits/holds', { body: { ...entity, credits: '1' } });
  // @ts-expect-error a planet has no credits
  await client.POST('/api/credits/holds', { body: { entityType: 'planet', entityId: 'mars', credits: 1 } });
  // @ts-expect-error the hold is not named
  await client.POST('/api/credits/holds/{id}/capture', { body: { credits: 1 } });
  const { data, error } = await client.GET('/api/credits/packages');
  // @ts-expect-error packages have no colour
  void data?.packages[0]?.colour;
  // @ts-expect-error listing is never refused for lack of credits
  void (error?.code === 'insufficient_credits');
}
