import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { register } from "prom-client";
import { createFleetgate, isDenied, type Fleetgate } from "../../src/client/node/index.ts";
import { makeFolder } from "./support/cleanup.ts";
import { textFile } from "./support/clients.ts";
import { eventually } from "./support/eventually.ts";
import { root } from "./support/processes.ts";
import { startServer } from "./support/server.ts";

interface Question {
  readonly caller: string;
  readonly permission: string;
  readonly pool: string;
}

interface Shadow {
  readonly createPoolCheck: (options: {
    readonly fleetgate: Fleetgate;
    readonly oldCheck: (question: Question) => Promise<boolean>;
    readonly isSwitched: (pool: string) => boolean;
    readonly log: (line: string) => void;
  }) => (question: Question) => Promise<boolean>;
}

/** The example, as it finds the packages here. */
async function loadShadow(): Promise<Shadow> {
  const text = readFileSync(join(root, "examples", "luci", "shadow.ts"), "utf8");
  const placed = text
    .replace('"prom-client"', JSON.stringify(import.meta.resolve("prom-client")))
    .replace(
      '"fleetgate/client/node"',
      JSON.stringify(pathToFileURL(join(root, "src/client/node/index.ts")).href),
    );
  const path = join(makeFolder(), "shadow.ts");
  writeFileSync(path, placed);
  return (await import(pathToFileURL(path).href)) as Shadow;
}

const fleet = `
settings: { delegations: [{ group: administrators }] }
projects:
  - name: web
    realms:
      - name: try
        bindings:
          - { role: role/swarming.poolUser, principals: ["user:ann@example.com"] }
pools: [{ name: web.try, realm: "web:try" }]
`;
const question = (name: string): Question => ({
  caller: `user:${name}@example.com`,
  permission: "swarming.pools.createTask",
  pool: "web.try",
});

describe("examples/luci/shadow.ts", () => {
  let shadow: Shadow;
  let fleetgate: Fleetgate;
  let lost: Fleetgate;
  let lines: string[] = [];

  before(async () => {
    shadow = await loadShadow();
    const server = await startServer();
    await server.admin.config.apply({ source: "main", files: [textFile(fleet)] });
    fleetgate = createFleetgate({ endpoints: [server.url], key: () => server.token });
    // Nobody listens on this port.
    lost = createFleetgate({ endpoints: ["http://127.0.0.1:9"], retry: { rounds: 1 } });
  });
  after(async () => {
    await fleetgate.close();
    await lost.close();
  });
  beforeEach(() => {
    lines = [];
    register.resetMetrics();
  });

  const check = (
    oldCheck: () => Promise<boolean>,
    options: { readonly isSwitched?: boolean; readonly client?: Fleetgate } = {},
  ): ((asked: Question) => Promise<boolean>) =>
    shadow.createPoolCheck({
      fleetgate: options.client ?? fleetgate,
      oldCheck,
      isSwitched: () => options.isSwitched ?? false,
      log: (line) => lines.push(line),
    });
  const counted = async (outcome: string): Promise<number> => {
    const metric = await register.getSingleMetric("fleetgate_shadow_comparisons_total")?.get();
    return metric?.values.find(({ labels }) => labels["outcome"] === outcome)?.value ?? 0;
  };
  const waitFor = (outcome: string, count = 1): Promise<boolean> =>
    eventually(outcome, async () => (await counted(outcome)) === count || undefined);

  const cases = [
    { who: "ann", old: true, outcome: "agree" },
    { who: "bob", old: false, outcome: "agree" },
    { who: "bob", old: true, outcome: "old_only" },
    { who: "ann", old: false, outcome: "fleetgate_only" },
  ];
  for (const { who, old, outcome } of cases) {
    it(`answers ${old} for ${who} as the old check does, and counts ${outcome}`, async () => {
      const asked = question(who);
      assert.equal(await check(() => Promise.resolve(old))(asked), old);
      await waitFor(outcome);
      const expected = { check: { pool: asked }, permitted: old };
      assert.deepEqual(
        lines.map((line) => JSON.parse(line) as unknown),
        outcome === "agree" ? [] : [expected],
      );
    });
  }

  it("answers as the old check does when Fleetgate cannot be reached", async () => {
    assert.equal(await check(() => Promise.resolve(true), { client: lost })(question("ann")), true);
    await waitFor("unavailable");
    assert.deepEqual(lines, []);
  });

  it("compares no more than 100 questions at once", async () => {
    const never = new Promise<never>(() => undefined);
    const acl = { checkPoolPerm: () => never } as unknown as Fleetgate["acl"];
    const ask = check(() => Promise.resolve(true), { client: { ...fleetgate, acl } });
    for (let count = 0; count < 103; count += 1) await ask(question("ann"));
    await waitFor("skipped", 3);
  });

  it("hands on the failure of the old check and compares nothing", async () => {
    await assert.rejects(check(() => Promise.reject(new Error("old")))(question("ann")), /old/);
    assert.equal(await counted("agree"), 0);
  });

  it("never asks about nobody: an empty caller would be the service itself", async () => {
    const ask = check(() => Promise.reject(new Error("old")), { isSwitched: true });
    await assert.rejects(ask({ ...question("ann"), caller: "" }), /could not be made/);
    assert.equal(
      await check(() => Promise.resolve(true))({ ...question("ann"), caller: "" }),
      true,
    );
    await waitFor("unavailable");
  });

  it("lets Fleetgate alone decide about a pool that has switched", async () => {
    const ask = check(() => Promise.reject(new Error("old")), { isSwitched: true });
    assert.equal(await ask(question("ann")), true);
    assert.equal(await ask(question("bob")), false);
    const noAnswer = check(() => Promise.resolve(true), { isSwitched: true, client: lost });
    await assert.rejects(noAnswer(question("ann")), (error) => {
      assert.ok(!isDenied(error));
      assert.match(String(error), /the check could not be made; retry/);
      return true;
    });
  });
});
