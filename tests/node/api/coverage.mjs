// Which of the answers that the document promises were seen.

/// One for each code of an error, and for each other status.
function promises_of(operation) {
  const all = [];
  for (const [status, { contents }] of operation.answers) {
    const codes = [...contents.values()].flatMap((content) => [...content.codes]);
    if (codes.length) for (const code of codes) all.push({ operation, status, code });
    else all.push({ operation, status });
  }
  return all;
}

const name = ({ operation, status, code }) => `${operation.id} ${status}${code ? ` ${code}` : ''}`;

export function coverage(operations) {
  const promises = operations.flatMap(promises_of);
  const seen = new Set();
  const covers = (rule, promise) =>
    (rule.operations === '*' || rule.operations.includes(promise.operation.id)) &&
    (rule.code === undefined || rule.code === promise.code) && (rule.status === undefined || rule.status === promise.status);
  return {
    add: (operation, status, code) => seen.add(name({ operation, status, code })),
    report(unseen) {
      const excused = (promise) => unseen.some((rule) => covers(rule, promise));
      const errors = promises.filter((each) => each.code);
      const met = promises.filter((each) => seen.has(name(each)));
      const exercised = new Set(met.map((each) => each.operation));
      return {
        text:
          `${exercised.size} of ${operations.length} operations exercised; ${met.filter((each) => each.code).length} of ` +
          `${errors.length} pairs of operation and code, ${met.filter((each) => !each.code).length} of ` +
          `${promises.length - errors.length} other statuses seen; ${promises.filter((each) => !seen.has(name(each)) && excused(each)).length} are excused.`,
        missing: promises.filter((each) => !seen.has(name(each)) && !excused(each)).map(name),
        needless: unseen
          .filter((rule) => !promises.some((each) => covers(rule, each) && !seen.has(name(each))))
          .map((rule) => JSON.stringify(rule)),
      };
    },
  };
}
