import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { build, type BuildOptions } from "esbuild";
import { bearer, openBench, type Bench } from "../rpc/support/bench.ts";
import { keys } from "../rpc/support/world.ts";

const root = join(import.meta.dirname, "..", "..");

const program = `
  import { createClients, isDenied, reasonOf } from "./src/client/index.ts";
  import { createConnectTransport } from "@connectrpc/connect-web";
  globalThis.ask = async (baseUrl, headers) => {
    const { acl } = createClients(createConnectTransport({ baseUrl, useBinaryFormat: true }));
    const check = { permission: "swarming.pools.createTask", pool: "ci" };
    const { revisionToken } = await acl.checkPoolPerm(check, { headers });
    try {
      await acl.checkPoolPerm({ ...check, pool: "secret" }, { headers });
      return "permitted";
    } catch (error) {
      return [revisionToken !== "", isDenied(error), reasonOf(error)].join(" ");
    }
  };
`;

const options = {
  bundle: true,
  platform: "browser",
  format: "iife",
  write: false,
  metafile: true,
  logLevel: "silent",
  absWorkingDir: root,
} as const satisfies BuildOptions;

describe("fleetgate/client in a browser", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  it("is bundled without a module of Node, and holds gen and domain only", async () => {
    const { metafile } = await build({ ...options, entryPoints: ["src/client/index.ts"] });
    const inputs = Object.keys(metafile.inputs);
    assert.deepEqual(
      inputs.filter((path) => path.startsWith("node:")),
      [],
    );
    const strange = inputs.filter(
      (path) =>
        !/^src\/(client\/[a-z-]+\.ts|gen\/|domain\/)/.test(path) &&
        !/^node_modules\/@(connectrpc\/connect|bufbuild\/protobuf)\//.test(path),
    );
    assert.deepEqual(strange, []);
  });

  it("would be refused by the bundler if it asked for Node", async () => {
    await assert.rejects(build({ ...options, entryPoints: ["src/client/node/index.ts"] }));
  });

  it("checks, and knows a denial, where there is nothing but fetch", async () => {
    const { outputFiles } = await build({
      ...options,
      stdin: { contents: program, resolveDir: root, loader: "ts" },
    });
    const page: Record<string, unknown> = {
      ...{
        fetch,
        Headers,
        AbortController,
        TextEncoder,
        TextDecoder,
        URL,
        setTimeout,
        clearTimeout,
      },
      ...{ Uint8Array, ArrayBuffer },
    };
    page["globalThis"] = page;
    runInNewContext(outputFiles[0]?.text ?? "", page);
    const ask = page["ask"] as (url: string, headers: object) => Promise<string>;
    const told = await ask(bench.servers.http1, bearer(keys.ann.token));
    assert.equal(told, "true true PERMISSION_DENIED");
  });
});
