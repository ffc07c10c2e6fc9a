// node answers_examples.mjs: that answers.mjs finds what it is to find, and nothing else, of a small document.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'answers-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const write = (name, text) => (writeFileSync(join(folder, name), text), join(folder, name));

const problem = (...codes) => ({
  description: 'No.',
  content: {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
    },
  },
});
const operation = (operationId, content, codes) => ({
  operationId,
  requestBody: { content },
  responses: {
    200: { description: 'Yes.', content: { 'application/json': { schema: { properties: { success: { const: true } } } } } },
    422: problem(...codes),
  },
});
const text_by_name = { type: 'object', additionalProperties: { type: 'string', maxLength: 5 } };
const document = write('openapi.json', JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'An example', version: '1' },
  'x-answers-of-any-operation': { 503: ['overloaded'] },
  paths: {
    '/things': {
      post: operation('makeThings', {
        'application/json': { schema: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } } },
        'text/csv': { schema: { type: 'string' } },
      }, ['unknown_field', 'invalid_name']),
    },
    '/told': { post: operation('hear', { 'application/x-www-form-urlencoded': { schema: text_by_name } }, ['unknown_field']) },
  },
  components: {
    schemas: {
      ProblemCode: { enum: ['unknown_field', 'invalid_name', 'overloaded'] },
      Problem: {
        type: 'object',
        required: ['code'],
        properties: {
          code: { $ref: '#/components/schemas/ProblemCode' },
          errors: { type: 'array', items: { type: 'object', properties: { code: { enum: ['unknown_field'] } } } },
        },
      },
    },
  },
}));

const call = (target, question, status, answer, type = 'application/json') => ({
  method: 'POST', target, sent: { 'Content-Type': type }, question, status,
  headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', 'x-request-id': '1', 'retry-after': '1' },
  answer: JSON.stringify(answer),
});
const made = { success: true };
const refused = (code, more = {}) => ({ code, ...more });
const form = 'application/x-www-form-urlencoded';
const all_seen = [
  call('/things', '{"name":"one"}', 200, made),
  call('/things', 'name\none\n', 200, made, 'text/csv'),
  call('/things', '{"x":1}', 422, refused('unknown_field', { errors: [{ code: 'unknown_field' }] })),
  call('/things', '{"name":""}', 422, refused('invalid_name')),
  call('/things', '{}', 503, refused('overloaded')),
  call('/told', 'From=%2B1&Body=stop', 200, made, form),
  call('/told', 'x=1', 422, refused('unknown_field'), form),
];
/// What is found, a line each; the exit status must say the same.
const found = (exchanges, unseen = []) => {
  const told = spawnSync(process.execPath, [
    new URL('answers.mjs', import.meta.url).pathname, document, write('unseen.json', JSON.stringify(unseen)),
    write('exchanges', exchanges.map((each) => JSON.stringify(each) + '\n').join('')),
  ], { encoding: 'utf8' });
  const lines = told.stdout.split('\nWhat to do:')[0].split('\n').filter((line) => /^(WRONG|NEVER|NEEDLESS|NO )/.test(line));
  assert.equal(told.status, lines.length ? 1 : 0, told.stdout + told.stderr);
  return lines;
};
const finds = (more, ...patterns) => {
  const lines = found([...all_seen, ...more]);
  assert.equal(lines.length, patterns.length, lines.join('\n'));
  patterns.forEach((pattern, i) => assert.match(lines[i], pattern));
};

finds([]);
finds([call('/things', '{}', 422, refused('overloaded'))], /^WRONG makeThings 422: not documented \(overloaded\)/);
finds([call('/things', '{}', 422, refused('unknown_field', { errors: [{ code: 'odd' }] }))], /^WRONG .*\/errors\/N\/code must be/);
finds([call('/things', '{}', 200, { success: true, more: 1 })], /^WRONG makeThings 200: \/more is not documented/);
finds([call('/things', '{}', 200, { success: false })], /^WRONG makeThings 200: \/success must be/);
finds([call('/things', '{"x":1}', 200, made)], /^WRONG makeThings 200: accepts what the document does not allow/);
finds([call('/told', 'Body=longer', 200, made, form)], /^WRONG hear 200: accepts what the document does not allow: \/Body/);
finds([call('/things', 'x', 200, made, 'text/plain')], /^WRONG makeThings 200: accepts a body of type text\/plain/);
finds([call('/elsewhere', '', 404, refused('unknown_field'))], /^WRONG POST 404: not documented/);

const without_name = all_seen.filter((each) => !each.answer.includes('invalid_name'));
const excuse = { operations: ['makeThings'], code: 'invalid_name', why: 'An example.' };
assert.deepEqual(found(without_name), ['NEVER SEEN makeThings 422 invalid_name']);
assert.deepEqual(found(without_name, [excuse]), []);
assert.match(found(all_seen, [excuse])[0], /^NEEDLESS/);
console.log('answers are compared as they should be');
