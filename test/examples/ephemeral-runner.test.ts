import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { startApp } from "../../src/app.ts";
import { bootstrapKey } from "../../src/commands/bootstrap-key.ts";
import { createFleetgate } from "../../src/client/node/index.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { atEnd, makeFolder } from "../e2e/support/cleanup.ts";
import { root } from "../e2e/support/processes.ts";

const example = join(root, "examples", "ephemeral-runner");
const readme = readFileSync(join(example, "README.md"), "utf8");

/** What the example printed of each scenario, with the parts of job ids that are random left out. */
let printed: ReadonlyMap<string, readonly string[]> = new Map();
let errors = "";

/** What the page says is printed of a scenario. */
function promised(name: string): readonly string[] {
  const [, block = ""] =
    new RegExp(`^--- ${name}\\n([^]*?)(?=^---|^\`\`\`)`, "m").exec(readme) ?? [];
  return withoutIds(block);
}

function withoutIds(block: string): readonly string[] {
  return block
    .trim()
    .split("\n")
    .map((line) => line.replace(/-[0-9a-f]{8}\b/g, "-ID"));
}

/** Those who print do so side by side: what one says has an order, and how often a worker is at its work is a matter of luck. */
function bySpeaker(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const speakers = Map.groupBy(
    lines,
    (line) => /^(slow worker|worker|log of|claim of)?/.exec(line)?.[0],
  );
  return new Map(
    [...speakers].map(([speaker = "", said]) => [
      speaker,
      said
        .map((line) => line.replace(/step \d+$/, "step N"))
        .filter((line, at, all) => line !== all[at - 1]),
    ]),
  );
}

describe("the ephemeral runner of the examples", () => {
  before(async () => {
    const folder = makeFolder();
    const embedded = join(folder, "db");
    cpSync(process.env["FLEETGATE_TEST_EMBEDDED_TEMPLATE"] ?? "", embedded, { recursive: true });
    const flags = {
      ...{ embedded, listen: "127.0.0.1:0", metrics_listen: "off", log_level: "silent" },
      ...{ tls_self_signed: "true", shutdown_grace: "1s" },
    };
    const app = await startApp(readServerOptions({ env: {}, flags }));
    atEnd(() => app.stop());
    const { token } = await bootstrapKey(app.commands, {
      ...{ identity: "user:root@example.com", description: "", reason: "" },
      ...{ ttlSeconds: undefined, noExpiry: false, breakGlass: false },
    });
    await app.replica.refresh();
    const tlsFingerprint = app.tlsFingerprint ?? "";
    const admin = createFleetgate({ endpoints: [app.url], key: () => token, tlsFingerprint });
    atEnd(admin.close);
    const [, yaml = ""] = /```yaml\n(# fleet\.yaml\n[^`]+)```/.exec(readme) ?? [];
    const content = { case: "text", value: yaml } as const;
    await admin.config.apply({ source: "main", files: [{ path: "fleet.yaml", content }] });
    const { token: key } = await admin.apiKeys.create({ identity: "service:dispatcher" });
    const header = join(folder, "dispatcher.header");
    writeFileSync(header, `Authorization: Bearer ${key}\n`, { mode: 0o600 });
    const args = ["--conditions=fleetgate-source", join(example, "main.ts")];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...{ FLEETGATE_ENDPOINT: app.url, FLEETGATE_HEADER_FILE: header },
        FLEETGATE_TLS_FINGERPRINT: tlsFingerprint,
      },
    });
    atEnd(() => void child.kill());
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    errors = stderr;
    assert.equal(child.exitCode, 0, stderr);
    assert.ok(!/fg1_/.test(`${stdout}${stderr}`), "U11: no secret is printed");
    printed = new Map(
      stdout
        .split(/^--- /m)
        .slice(1)
        .map((part) => {
          const [name = "", ...lines] = part.split("\n");
          return [name, withoutIds(lines.join("\n"))];
        }),
    );
  });

  for (const name of ["work", "cancel", "end", "dies", "late", "supersede"]) {
    it(`${name}: each sees what the page says`, () => {
      const said = promised(name);
      assert.ok(said.length > 2);
      assert.deepEqual(bySpeaker(printed.get(name) ?? []), bySpeaker(said));
    });
  }

  it("warns of nothing", () => {
    assert.equal(errors, "");
  });
});
