import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";

const root = join(import.meta.dirname, "..", "..");

/** Each forbidden step: who imports, from where, and why that goes up or sideways. */
const forbidden: readonly (readonly [file: string, specifier: string, why: string])[] = [
  ["src/domain/floor-probe.ts", "../engine/snapshot.ts", "up to the engine"],
  ["src/domain/floor-probe.ts", "node:fs", "I/O in the domain"],
  ["src/domain/floor-probe.ts", "../gen/fleetgate/config/v1/config_pb.ts", "gen from the domain"],
  ["src/engine/floor-probe.ts", "../config/expand.ts", "sideways to config"],
  ["src/engine/floor-probe.ts", "node:crypto", "Node in the engine"],
  ["src/config/floor-probe.ts", "../storage/database.ts", "sideways to storage"],
  ["src/storage/floor-probe.ts", "../config/expand.ts", "sideways to config"],
  ["src/replica/floor-probe.ts", "../commands/deps.ts", "replica to commands"],
  ["src/commands/floor-probe.ts", "../rpc/handler.ts", "up to rpc"],
  ["src/rpc/floor-probe.ts", "../server/listener.ts", "up to server"],
  ["src/rpc/acl/floor-probe.ts", "../../server/listener.ts", "up to server from a folder below"],
  ["src/server/floor-probe.ts", "../app.ts", "up to the composition root"],
  ["src/identity/floor-probe.ts", "../engine/snapshot.ts", "identity to the engine"],
  ["src/commands/floor-probe.ts", "../identity/issuer.ts", "sideways to identity"],
  ["src/credentials/floor-probe.ts", "../commands/deps.ts", "credentials to commands"],
  ["src/replica/floor-probe.ts", "../credentials/deps.ts", "sideways to credentials"],
  ["src/storage/credential/floor-probe.ts", "../../credentials/deps.ts", "up to credentials"],
  ["src/client/node/floor-probe.ts", "../../rpc/handler.ts", "the client to the server's floors"],
  ["src/testing/floor-probe.ts", "../storage/database.ts", "testing to storage"],
  ["src/app.ts", "./testing/testing.ts", "the server to what is for tests"],
  ["src/server/floor-probe.ts", "../cli/main.ts", "up to the command line"],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ["src/engine/floor-probe.ts", "../domain/identity.ts"],
  ["src/commands/floor-probe.ts", "../replica/replica.ts"],
  ["src/commands/bot/floor-probe.ts", "../../credentials/deps.ts"],
  ["src/credentials/floor-probe.ts", "../replica/replica.ts"],
  ["src/rpc/floor-probe.ts", "../commands/deps.ts"],
  ["src/server/floor-probe.ts", "../rpc/call.ts"],
  ["src/rpc/admission/floor-probe.ts", "../../identity/issuer.ts"],
  ["src/testing/floor-probe.ts", "../rpc/handler.ts"],
];

describe("the floors", () => {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-floors-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  after(() => rmSync(folder, { recursive: true }));

  function write(file: string, specifier: string, statement = "export *"): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${statement} from "${specifier}";\n`);
  }

  function lint(...files: string[]): { status: number | null; output: string } {
    const oxlint = join(root, "node_modules", ".bin", "oxlint");
    const args = ["--deny-warnings", ...files];
    const { status, stdout, stderr } = spawnSync(oxlint, args, { cwd: folder, encoding: "utf8" });
    return { status, output: stdout + stderr };
  }

  for (const [file, specifier, why] of forbidden) {
    it(`refuses ${why}`, () => {
      write(file, specifier);
      const { status, output } = lint(file);
      assert.notEqual(status, 0, output);
      assert.match(output, /no-restricted-imports/);
    });
  }

  for (const [file, specifier] of allowed) {
    it(`allows ${specifier} in ${dirname(file)}`, () => {
      write(file, specifier);
      const { status, output } = lint(file);
      assert.equal(status, 0, output);
    });
  }

  for (const statement of ["export *", "import type { A }"]) {
    it(`refuses a cycle by ${statement}`, () => {
      write("src/engine/a.ts", "./b.ts");
      write("src/engine/b.ts", "./a.ts", statement);
      const { status, output } = lint("src/engine/a.ts", "src/engine/b.ts");
      assert.notEqual(status, 0, output);
      assert.match(output, /no-cycle/);
    });
  }
});
