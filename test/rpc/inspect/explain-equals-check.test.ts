import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { InspectService } from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ask, bearer } from "../support/bench.ts";
import { anyCheck, type AnyCheck } from "../support/checks.ts";
import { createState, keys } from "../support/world.ts";
import {
  ann,
  openExplainBench,
  type Explained,
  type ExplainInit,
} from "./support/explain-bench.ts";
import { askers } from "./support/inspect-world.ts";

const { explain } = InspectService.method;
const { batchCheck } = AclService.method;

describe("Explain", () => {
  const { bench } = openExplainBench();

  const names = {
    callers: [ann, "user:ANN@example.com", "user:robot@example.com", "service:x", "task:1"],
    pools: ["ci", "secret", "nowhere"],
    bots: ["ci-1", "other"],
    realms: ["acme:ci", "acme:secret", "acme:undefined", "beta:x"],
  };

  it("comes to what a batch comes to, for whoever may ask", async () => {
    // Readers may explain more than they may check: the peers of these are no readers, or ask about themselves.
    const property = fc.asyncProperty(
      fc.constantFrom(...(["owner", "ann", "delegated", "stranger"] as const)),
      anyCheck(names, true),
      fc.constantFrom(...bench().wires),
      async (asker, check, { transport }) => {
        const headers = bearer(askers[asker].token);
        const batch = await ask(transport, batchCheck, { checks: [{ check }] }, headers);
        const [item] = (batch.response as { outcomes: { status: unknown; pools?: unknown }[] })
          .outcomes;
        const reply = await ask(
          transport,
          explain,
          { check: check as NonNullable<ExplainInit["check"]> },
          headers,
        );
        if (reply.code === "ok") {
          const { outcome, pools } = reply.response as Explained;
          assert.deepEqual({ status: outcome, pools }, { pools: undefined, ...item });
        } else {
          assert.ok(item);
          const { code, message } = item.status as { code: number; message: string };
          assert.equal(reply.message, message);
          assert.ok(code === 3 || code === 9, `code ${code}`);
        }
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("comes to the very answer of the check for readers too, of every kind", async () => {
    // The scheduler of this world may ask about anybody, and the administrator may explain it.
    bench().replica.state = createState();
    const usual = { callers: [ann], pools: names.pools, bots: ["ci-1"], realms: ["acme:tasks"] };
    const property = fc.asyncProperty(anyCheck(usual, false), async (check: AnyCheck) => {
      const { transport } = bench().wires[4] ?? assert.fail();
      const asked = check.case === "actAs" ? check.value : { ...check.value, caller: ann };
      const about = { case: check.case, value: asked } as AnyCheck;
      const batch = await ask(
        transport,
        batchCheck,
        { checks: [{ check: about }] },
        bearer(keys.scheduler.token),
      );
      const [item] = (batch.response as { outcomes: { status: unknown; pools?: unknown }[] })
        .outcomes;
      const reply = await ask(
        transport,
        explain,
        { check: about as NonNullable<ExplainInit["check"]> },
        bearer(keys.root.token),
      );
      const { outcome, pools, explanation } = reply.response as Explained;
      assert.deepEqual({ status: outcome, pools }, { pools: undefined, ...item });
      assert.ok(explanation);
      assert.notEqual(explanation["redacted"], true);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
