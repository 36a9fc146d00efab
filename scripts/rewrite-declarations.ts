import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Makes the declarations in a folder name the files that are beside them: the compiler rewrites `.ts` in
// what it imports to `.js` in the programs only, and who uses the package has no `.ts`.
const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node scripts/rewrite-declarations.ts FOLDER");

for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join(folder, name);
  const text = readFileSync(path, "utf8");
  const specifier = /(\bfrom |\bimport |\bimport\()(["'])(\.{1,2}\/[^"'\n]+)\.ts\2/g;
  const rewritten = text.replace(specifier, "$1$2$3.js$2");
  if (rewritten !== text) writeFileSync(path, rewritten);
}
