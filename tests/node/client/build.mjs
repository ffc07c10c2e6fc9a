// Makes a typed client of the API document as somebody would: types by openapi-typescript, then tsc over client.ts, which uses
// them. Into ../built. Exits with 1 when the types do not allow what client.ts does, or allow what wrong.ts must not do.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapi_ts, { astToString } from 'openapi-typescript';

const [file] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, '../built');

mkdirSync(built, { recursive: true });
const types = await openapi_ts(pathToFileURL(file), { defaultNonNullable: false });
writeFileSync(join(built, 'api.d.ts'), astToString(types));

const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
try {
  execFileSync(process.execPath, [compiler, '--project', here], { stdio: 'inherit' });
} catch {
  process.exit(1);
}
