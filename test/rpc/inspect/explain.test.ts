import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InspectService } from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer } from "../support/bench.ts";
import {
  ann,
  inPool,
  openExplainBench,
  permission,
  reader,
  type Explained,
} from "./support/explain-bench.ts";
import { askers } from "./support/inspect-world.ts";

const { explain } = InspectService.method;

describe("Explain", () => {
  const { bench, first } = openExplainBench();

  it("answers the same on every wire: what the check answers, and the whole witness", async () => {
    for (const { name, transport } of bench().wires) {
      const reply = await ask(
        transport,
        explain,
        inPool({ caller: ann, permission, pool: "ci" }),
        reader,
      );
      assert.equal(reply.code, "ok", name);
      const { revisionToken, ...response } = reply.response as Explained & {
        readonly revisionToken: string;
      };
      assert.equal(revisionToken, reply.metadataOfCall.get("fleetgate-revision"), name);
      assert.equal(revisionToken, bench().replica.state?.revisionToken, name);
      assert.deepEqual(
        response,
        {
          outcome: {},
          explanation: {
            revision: "7",
            steps: [
              { kind: "KIND_SERVER", result: "RESULT_NO_SERVER_LEVEL", permission },
              {
                kind: "KIND_POOL",
                result: "RESULT_PERMITTED",
                permission,
                pool: "ci",
                realm: "acme:ci",
                answeringRealm: "acme:ci",
                witness: {
                  memberships: [
                    { group: "linux-devs", member: ann, source: "main" },
                    { group: "devs", nested: "linux-devs", source: "main" },
                    { group: "everybody", nested: "devs", source: "main" },
                  ],
                  binding: {
                    realm: "acme:ci",
                    inheritance: ["acme:ci"],
                    role: "role/swarming.poolUser",
                    rolePath: ["role/swarming.poolUser"],
                    principal: "group:everybody",
                    source: "main",
                  },
                },
              },
            ],
          },
        },
        name,
      );
    }
  });

  it("names the settings of the server level as the configuration does", async () => {
    const value = { caller: "user:root@example.com", permission: "swarming.servers.peek" };
    const reply = await first({ check: { case: "server", value } });
    const [step] = (reply.response as Explained).explanation?.steps ?? [];
    assert.deepEqual(step?.["groups"], ["administrators"]);
    assert.deepEqual((step["witness"] as { settings: unknown }).settings, ["admins_group"]);
  });

  it("tells readers the steps of a denial, and grants that would allow", async () => {
    const reply = await first(inPool({ caller: ann, permission, pool: "secret" }));
    const { outcome, explanation } = reply.response as Explained;
    assert.equal(outcome.code, 7);
    assert.deepEqual(
      explanation?.steps.map(({ kind, result }) => [kind, result]),
      [
        ["KIND_SERVER", "RESULT_NO_SERVER_LEVEL"],
        ["KIND_POOL", "RESULT_NOT_BOUND"],
      ],
    );
    const [grant] = explanation["grants"] as readonly Readonly<Record<string, unknown>>[];
    assert.deepEqual(grant?.["changes"], [
      { bind: { realm: "acme:secret", role: "role/swarming.poolUser", principal: ann } },
    ]);
  });

  it("leaves the owner of a group that group of an allow, and says that there are others", async () => {
    const request = inPool({ caller: ann, permission, pool: "ci" });
    for (const { name, transport } of bench().wires) {
      const reply = await ask(transport, explain, request, bearer(askers.owner.token));
      assert.deepEqual(
        (reply.response as Explained).explanation,
        {
          revision: "7",
          redacted: true,
          steps: [
            {
              kind: "KIND_POOL",
              result: "RESULT_PERMITTED",
              permission,
              pool: "ci",
              witness: {
                memberships: [{}, { group: "devs", nested: "", source: "main" }, {}],
              },
            },
          ],
        },
        name,
      );
    }
  });

  it("answers who may read nothing exactly the outcome, the pools and the revision token", async () => {
    const pools = ["ci", "secret", "nowhere", "ci"];
    const filter = { check: { case: "filterPools", value: { permission, pools } } } as const;
    const reply = await first(filter, bearer(askers.ann.token));
    const revisionToken = bench().replica.state?.revisionToken;
    assert.deepEqual(reply.response, { revisionToken, outcome: {}, pools: ["ci", "ci"] });
  });
});
