import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Reply } from "../support/bench.ts";
import { now } from "../support/keys.ts";
import { rawCalls, textOf } from "../support/raw-calls.ts";
import { createState, keys } from "../support/world.ts";
import { urlWorld, use, useUrlService, verifyUrl } from "../support/url-service.ts";

describe("a grant that is refused", () => {
  const { fake, bench, verify, signed, assertion } = useUrlService();

  it("c.14, U72: tells the books of every grant that is refused, once and why, and the log as well", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    await verify({ grant });
    assert.equal(fake.denied.length, 0);
    const refusals: readonly (readonly [why: string, act: () => Promise<Reply>, by?: string])[] = [
      ["malformed", () => verify({ grant: "nothing" })],
      ["wrong_secret", () => verify({ grant, method: "PUT" })],
      ["forbidden_realm", () => verify({ grant }, keys.narrow.token), "service:narrow"],
      ["expired", () => ((fake.time += 600_000), verify({ grant }))],
      ["state", () => ((fake.standing = "ended"), verify({ grant }))],
      ["unknown", () => ((fake.standing = "unknown"), verify({ grant }))],
      [
        "realm_gone",
        () => (
          (bench().replica.state = createState({ ...urlWorld, projects: [] })),
          verify({ grant })
        ),
      ],
    ];
    for (const [why, act, caller = "service:scheduler"] of refusals) {
      fake.denied.length = 0;
      [fake.time, fake.standing] = [now.getTime(), "current"];
      bench().records.length = 0;
      await act();
      const told = fake.denied.map((denial) => [denial.why, denial.source, denial.caller]);
      assert.deepEqual(told, [[why, "127.0.0.1", caller]]);
      const { cause, code } = bench().records.at(-1) ?? assert.fail();
      if (code === "unauthenticated") assert.match(String(cause), new RegExp(why));
    }
  });

  it("U10, A31: refuses a grant with the same bytes for every cause, on every wire", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    const elsewhere = await signed({ realm: "acme:tasks" });
    const bytesOf = async (request: object, peer = keys.scheduler.token): Promise<string[]> => {
      const message = create(verifyUrl.input, { ...use, grant, ...request });
      const all = [];
      for (const raw of Object.values(rawCalls)) {
        all.push(textOf(await raw(bench(), peer, verifyUrl, message)));
      }
      return all;
    };
    const wanted = await bytesOf({ grant: "nothing" });
    assert.match(wanted.at(-1) ?? "", /SHOWN_CREDENTIAL_REFUSED/);
    assert.notDeepEqual(await bytesOf({}), wanted);
    const [head, , payload, mac] = grant.split(".");
    for (const request of [
      { grant: "" },
      { grant: "x".repeat(100_000) },
      { grant: [head, "other", payload, mac].join(".") },
      { grant: [head, "fake", payload, elsewhere.split(".")[3]].join(".") },
      { purpose: "cache.upload" },
      { method: "PUT" },
      { method: "M-SEARCH" },
      { method: "" },
      { resource: "cache/1235" },
      { resource: "ü\u0000" },
      { resource: "a".repeat(5_000) },
    ]) {
      assert.deepEqual(await bytesOf(request), wanted, JSON.stringify(request).slice(0, 200));
    }
    // A peer that may not identify callers in the realm.
    assert.deepEqual(await bytesOf({}, keys.narrow.token), wanted);
    fake.standing = "ended";
    assert.deepEqual(await bytesOf({}), wanted);
    fake.standing = "current";
    fake.time = now.getTime() + 600_000;
    assert.deepEqual(await bytesOf({}), wanted);
    fake.time = now.getTime();
    // The realm is gone.
    bench().replica.state = createState({
      ...urlWorld,
      projects: urlWorld.projects.map((project) => ({ ...project, realms: [] })),
    });
    // Also for administrators, who may in every realm that there is.
    assert.deepEqual(await bytesOf({}, keys.root.token), wanted);
  });

  it("U20: is unavailable, never a refusal, where nobody can tell", async () => {
    const grant = await signed({ callerAssertion: assertion() });
    fake.standing = "unknown";
    assert.equal((await verify({ grant })).reason, "STORAGE_UNAVAILABLE");
    fake.standing = "current";
    const elsewhere = grant.replace(".fake.", ".elsewhere.");
    assert.equal((await verify({ grant: elsewhere })).reason, "STORAGE_UNAVAILABLE");
  });
});
