import assert from "node:assert/strict";
import { registerHooks } from "node:module";

// Imports one face of the package (argv[2]) and fails when that loads a package that is not among those of
// argv[3], separated by commas, or of fleetgate itself more than the folders of argv[4]. Copied and run by
// scripts/pack-test.ts.

const [, , face = "", packages = "", folders = ""] = process.argv;
const strange: string[] = [];
let loaded = 0;
registerHooks({
  load: (url, context, next) => {
    const path = url.split("/node_modules/").at(-1) ?? "";
    const allowed =
      url.startsWith("node:") ||
      packages.split(",").some((name) => path.startsWith(`${name}/`)) ||
      folders.split(",").some((folder) => path.startsWith(`fleetgate/dist/${folder}/`));
    loaded += 1;
    if (!allowed) strange.push(url);
    return next(url, context);
  },
});
const exported = (await import(face)) as object;
assert.deepEqual(strange, [], `${face} loads what it must not`);
assert.ok(loaded > 5 && Object.keys(exported).length > 0, `${face} is empty`);
