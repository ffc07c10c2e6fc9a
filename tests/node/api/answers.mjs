// node answers.mjs OPENAPI.yaml UNSEEN.json EXCHANGES.jsonl…: checks every answer that the tests got against the API document,
// and the document against the answers: what it promises must have been seen. Exits with 1 when something does not agree.
//   UNSEEN.json: [{operations, code | status, why}] that no test can provoke; one that was seen must go.
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { read_document, operations_of, find_operation } from './document.mjs';
import { schema_checks } from './schemas.mjs';
import { coverage } from './coverage.mjs';

const [file, unseen_file, ...logs] = process.argv.slice(2);
const document = await read_document(file);
const operations = operations_of(document);
const anywhere = document['x-answers-of-any-operation'];
const checks = schema_checks(document);
const seen = coverage(operations);
const findings = new Map(); // text -> { count, example }
let exchanges = 0;

const what_to_do = `
What to do:
  NO ANSWERS  run that suite (whole, no filter): ctest --test-dir build/release -R NAME. It writes the file.
  WRONG       the answer and http/openapi.yaml differ; mend the one that is not as it should be.
              "not documented (CODE)": when the answer is right, list the code at that status of the operation, and
              bring it about in a test; a new code also joins ProblemCode and docs/http-status-codes.md.
              "/errors/N/code must be equal to one of the allowed values": the code joins FieldError.
              "/MEMBER is not documented": the member joins the schema of that answer (of errors: Problem).
              "accepts what the document does not allow": the schema of the request is too narrow, or the route too wide.
  NEVER SEEN  "OPERATION STATUS CODE" is listed in http/openapi.yaml, and no test got it. Either it cannot happen, and goes
              from there; or a test brings it about: what many operations list do tests/api/documented_*_test.cpp
              (needs_more of documented_errors.hpp must not name the operation), what belongs to one its own test in tests/api. Only what a named
              test elsewhere shows may be a line in tests/node/api/unseen.json, with the test's name and why. When an API
              test failed or was filtered, mend that first: what comes after it was not seen.
  NEEDLESS    everything that this line of tests/node/api/unseen.json excuses was seen, or is not listed any more: take it out.`;

const bytes = (text) => Buffer.from(text, 'latin1').toString('utf8');
const media_type = (header) => (header ?? '').split(';')[0].trim().toLowerCase();
const is_json = (type) => type === 'application/json' || type.endsWith('+json'); // a stream of lines is no JSON
const json = (text) => { try { return JSON.parse(text); } catch { return undefined; } };

function find(exchange, operation, text) {
  const key = `${operation?.id ?? exchange.method} ${exchange.status}: ${text}`;
  const known = findings.get(key);
  if (known) known.count += 1;
  else findings.set(key, { count: 1, example: `${exchange.method} ${exchange.target.slice(0, 160)} -> ${bytes(exchange.answer).slice(0, 400)}` });
}

function check_always(exchange, operation) {
  if (!exchange.headers['x-request-id'] && exchange.status !== 204) find(exchange, operation, 'no X-Request-Id');
  if ([429, 503].includes(exchange.status) && !exchange.headers['retry-after']) find(exchange, operation, 'no Retry-After');
  if (exchange.status >= 400 && exchange.method !== 'HEAD' && media_type(exchange.headers['content-type']) !== 'application/problem+json')
    find(exchange, operation, 'an error that is no problem');
}

/// What an answer outside of its operation, or one that any operation may give, must be.
function check_anywhere(exchange, operation, body) {
  const allowed = anywhere[exchange.status]?.includes(body?.code);
  if (!allowed) find(exchange, operation, `not documented (${body?.code ?? media_type(exchange.headers['content-type'])})`);
  else checks.problem(body, (text) => find(exchange, operation, text));
  return allowed;
}

function check_answer(exchange, operation, answer, body) {
  const type = media_type(exchange.headers['content-type']);
  const content = answer.contents.get(type);
  if (exchange.method === 'HEAD' || [204, 304].includes(exchange.status)) return;
  if (!content) return find(exchange, operation, `content type ${type} is not documented`);
  if (!is_json(type) || exchange.answerCut || exchange.headers['content-encoding']) return;
  if (body === undefined) return find(exchange, operation, 'is no JSON');
  checks.answer(content, body, (text) => find(exchange, operation, text));
}

/// A body as its type is read. What is neither JSON nor a form stays text.
function read_body(type, text) {
  if (is_json(type)) return json(text);
  return type === 'application/x-www-form-urlencoded' ? Object.fromEntries(new URLSearchParams(text)) : text;
}

/// What was accepted must be what the document says that may be sent.
function check_question(exchange, operation, answer) {
  if (answer?.allowed === false) return; // it was asked whether it may be sent
  if (exchange.status >= 300 || !exchange.question || exchange.questionCut || !operation.question) return; // else nobody reads it
  const sent = Object.entries(exchange.sent).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/json';
  const type = media_type(bytes(sent));
  const body = read_body(type, bytes(exchange.question));
  const content = operation.question.node.content[type];
  if (!content) return find(exchange, operation, `accepts a body of type ${type}, which is not documented`);
  checks.question(operation, type, body, (text) => find(exchange, operation, `accepts what the document does not allow: ${text}`));
}

function check(exchange) {
  exchanges += 1;
  const operation = find_operation(operations, exchange.method === 'HEAD' ? 'GET' : exchange.method, exchange.target);
  const body = exchange.answer && is_json(media_type(exchange.headers['content-type'])) ? json(bytes(exchange.answer)) : undefined;
  if (exchange.method === 'OPTIONS' || exchange.target.startsWith('/metrics')) return;
  check_always(exchange, operation);
  if (!operation) return void check_anywhere(exchange, operation, body);
  const answer = operation.answers.get(exchange.status);
  const code = exchange.status >= 400 ? body?.code : undefined;
  const is_listed = answer && (code === undefined || [...answer.contents.values()].some((each) => each.codes.has(code)));
  if (!is_listed) {
    if (exchange.method !== 'HEAD') check_anywhere(exchange, operation, body);
    return;
  }
  if (exchange.method !== 'HEAD') seen.add(operation, exchange.status, code);
  check_answer(exchange, operation, answer, body);
  check_question(exchange, operation, body);
  if (operation.path === '/openapi.json' && exchange.status === 200 && exchange.method === 'GET' && body && !isDeepStrictEqual(body, document))
    find(exchange, operation, 'what is served is not what is written');
}

const absent = logs.filter((each) => !existsSync(each));
for (const log of logs.filter((each) => existsSync(each)))
  for await (const line of createInterface({ input: createReadStream(log) })) check(JSON.parse(line));

const { text, missing, needless } = seen.report(JSON.parse(readFileSync(unseen_file, 'utf8')));
console.log(`${exchanges} answers checked. ${text}`);
for (const log of absent) console.log(`NO ANSWERS ${log}`);
for (const [what, { count, example }] of findings) console.log(`WRONG ${what} (${count} times)\n      ${example}`);
for (const each of missing) console.log(`NEVER SEEN ${each}`);
for (const each of needless) console.log(`NEEDLESS ${each}`);
const is_good = exchanges && !absent.length && !findings.size && !missing.length && !needless.length;
if (!is_good) console.log(what_to_do);
process.exit(is_good ? 0 : 1);
