// node lint.mjs OPENAPI.yaml: the rules of Redocly's linter that it recommends. Exits with 1 when it finds something.
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';

const [file] = process.argv.slice(2);
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: { 'info-license': 'off' }, // the project has none yet
});
// A path that is fixed, and differs from the other one by its method.
const fixed = (problem) => problem.ruleId === 'no-ambiguous-paths' && /\/api\/invitations\/(resend\/{id}|bulk\/{jobId})/.test(problem.message);
const problems = (await lint({ ref: file, config })).filter((problem) => !fixed(problem));
const { errors, warnings } = getTotals(problems);
formatProblems(problems, { format: 'codeframe', totals: { errors, warnings }, version: '', maxProblems: 1000 });
console.log(`${problems.length} findings`);
process.exit(problems.length ? 1 : 0);
