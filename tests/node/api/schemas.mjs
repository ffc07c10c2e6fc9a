// Checks of values against the schemas of the API document, and for members that no schema knows.
import Ajv from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';
import { escape_pointer, parts, resolved } from './document.mjs';

export function schema_checks(document) {
  const ajv = new Ajv({ strict: false, allErrors: false });
  add_formats(ajv);
  ajv.addSchema(document, 'document');
  const compiled = new Map();
  const validator = (pointer) => {
    if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `document${pointer}` }));
    return compiled.get(pointer);
  };
  const validate = (pointer, value, tell) => {
    const check = validator(pointer);
    if (!check(value)) tell(without_indexes(`${check.errors[0].instancePath || '/'} ${check.errors[0].message} ${JSON.stringify(check.errors[0].params)}`));
  };
  const answer = (content, value, tell) => {
    validate(content.pointer, value, tell);
    for (const path of unknown_members(document, [content.schema], value, '')) tell(`${without_indexes(path)} is not documented`);
  };
  const problem = '#/components/schemas/Problem';
  return {
    answer,
    problem: (value, tell) => answer({ pointer: problem, schema: { $ref: problem } }, value, tell),
    question: (operation, type, value, tell) =>
      validate(`${operation.question.pointer}/content/${escape_pointer(type)}/schema`, value, tell),
  };
}

const without_indexes = (text) => text.replace(/\/\d+(?=[/ ]|$)/g, '/N');

/// The paths of members that none of the schemas speaks of, where they speak of members at all.
function* unknown_members(document, schemas, value, path) {
  if (value === null || typeof value !== 'object') return;
  const all = schemas.flatMap((each) => [...parts(document, each)]);
  if (Array.isArray(value)) {
    const items = all.map((part) => part.items).filter(Boolean);
    if (items.length) for (const [i, each] of value.entries()) yield* unknown_members(document, items, each, `${path}/${i}`);
    return;
  }
  const speaking = all.filter((part) => part.properties);
  if (!speaking.length || all.some((part) => part.additionalProperties)) return;
  for (const [name, each] of Object.entries(value)) {
    const known = speaking.map((part) => part.properties[name]).filter((schema) => schema !== undefined);
    if (!known.length) yield `${path}/${name}`;
    else yield* unknown_members(document, known.map((schema) => resolved(document, schema).node), each, `${path}/${name}`);
  }
}
