// The API document as its checkers see it: operations, and what each may answer.
import { bundle, createConfig } from '@redocly/openapi-core';

const methods = ['get', 'put', 'post', 'patch', 'delete'];

export async function read_document(file) {
  const { bundle: bundled } = await bundle({ ref: file, config: await createConfig({}) });
  return bundled.parsed;
}

export const escape_pointer = (part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

/// Follows references until there is something; with the pointer to where it was found.
export function resolved(document, node, pointer) {
  while (node?.$ref && Object.keys(node).length === 1) {
    pointer = node.$ref;
    node = at(document, node.$ref);
  }
  return { node, pointer };
}

export function at(document, ref) {
  return ref.slice(2).split('/').reduce((node, part) => node[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

/// Everything that a schema is put together of, references followed.
export function* parts(document, schema) {
  if (!schema || typeof schema !== 'object') return;
  yield schema;
  if (schema.$ref) yield* parts(document, at(document, schema.$ref));
  for (const each of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* parts(document, each);
}

/// The codes that a problem of this schema may have; not the list of all that there are.
function codes_of(document, schema) {
  const every = document.components.schemas.ProblemCode;
  const codes = new Set();
  for (const part of parts(document, schema)) {
    const { node: code } = resolved(document, part.properties?.code);
    if (code && code !== every) for (const each of code.enum ?? [code.const]) codes.add(each);
  }
  return codes;
}

function answer_of(document, response, pointer) {
  const found = resolved(document, response, pointer);
  const contents = new Map();
  for (const [type, content] of Object.entries(found.node.content ?? {}))
    contents.set(type, {
      schema: content.schema,
      pointer: `${found.pointer}/content/${escape_pointer(type)}/schema`,
      codes: type === 'application/problem+json' ? codes_of(document, content.schema) : new Set(),
    });
  return { contents, headers: found.node.headers ?? {} };
}

/// What any operation may answer is listed once, in `x-answers-of-any-operation`.
export function operations_of(document) {
  const all = [];
  for (const [path, item] of Object.entries(document.paths))
    for (const method of methods.filter((each) => item[each])) {
      const operation = item[method];
      const here = `#/paths/${escape_pointer(path)}/${method}`;
      const answers = new Map();
      for (const [status, response] of Object.entries(operation.responses))
        answers.set(Number(status), answer_of(document, response, `${here}/responses/${status}`));
      const question = operation.requestBody && resolved(document, operation.requestBody, `${here}/requestBody`);
      all.push({ id: operation.operationId, method: method.toUpperCase(), path, segments: path.split('/'), operation, answers, question });
    }
  return all;
}

/// The operation that answers; of several the one with the fewest names that stand for something.
export function find_operation(operations, method, target) {
  const segments = target.split('?')[0].split('/');
  const fits = (each) =>
    each.method === method && each.segments.length === segments.length &&
    each.segments.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]));
  const names = (each) => each.segments.filter((part) => part.startsWith('{')).length;
  return operations.filter(fits).sort((a, b) => names(a) - names(b))[0];
}
