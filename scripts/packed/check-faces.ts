import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { run } from "./run.ts";

const here = import.meta.dirname;
const root = join(here, "..", "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const consumers = ["node.ts", "browser.ts", "loaded.ts"];

/** Tests every face of the package that is installed in `folder`, as programs of its users. */
export async function checkFaces(folder: string): Promise<void> {
  for (const name of consumers) copyFileSync(join(here, name), join(folder, name));
  checkTypes(folder);
  checkLoaded(folder);
  run(process.execPath, ["node.ts"], folder);
  await checkBrowser(folder);
}

// Declarations are compiled too: a user may have set skipLibCheck to false.
function checkTypes(folder: string): void {
  const common = { target: "ES2024", strict: true, noEmit: true, skipLibCheck: false };
  const typeRoots = [join(root, "node_modules", "@types")];
  const node = { ...common, types: ["node"], typeRoots };
  const projects = [
    {
      files: ["node.ts", "browser.ts"],
      compilerOptions: { ...node, module: "nodenext", exactOptionalPropertyTypes: true },
    },
    {
      files: ["node.ts"],
      compilerOptions: { ...node, module: "esnext", moduleResolution: "bundler" },
    },
    {
      files: ["browser.ts"],
      compilerOptions: {
        ...common,
        module: "esnext",
        moduleResolution: "bundler",
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        types: [],
      },
    },
  ];
  for (const [index, project] of projects.entries()) {
    const path = join(folder, `tsconfig.${index}.json`);
    writeFileSync(path, JSON.stringify(project));
    run(process.execPath, [tsc, "-p", path], folder);
  }
}

function checkLoaded(folder: string): void {
  const browser = ["@bufbuild/protobuf", "@connectrpc/connect"];
  const faces = [
    ["fleetgate/client", browser, "client,gen,domain"],
    ["fleetgate/client/node", [...browser, "@connectrpc/connect-node"], "client,gen,domain"],
  ] as const;
  for (const [face, packages, folders] of faces) {
    run(process.execPath, ["loaded.ts", face, packages.join(","), folders], folder);
  }
}

// A context has the language and what is put into it, and nothing of Node.
async function checkBrowser(folder: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ["browser.ts"],
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    format: "iife",
    globalName: "consumer",
    logLevel: "silent",
  });
  const [bundle] = outputFiles;
  assert.ok(bundle !== undefined);
  assert.ok(bundle.contents.length < 500_000, `the bundle has ${bundle.contents.length} bytes`);
  const web = {
    AbortController,
    AbortSignal,
    DOMException,
    Headers,
    ReadableStream,
    Response,
    URL,
  };
  const timers = { clearTimeout, setTimeout };
  const context = { ...web, ...timers, TextDecoder, TextEncoder, crypto: globalThis.crypto };
  const said: unknown = await runInNewContext(`${bundle.text}; consumer.judge()`, context);
  assert.deepEqual(
    JSON.parse(JSON.stringify(said)),
    ["true false PermissionDenied", "false false Internal"],
    "the bundle tells a denial from an own key that has expired",
  );
}
