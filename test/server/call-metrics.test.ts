import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Counter, Histogram, Registry } from "prom-client";
import { ReasonSchema } from "../../src/gen/fleetgate/error/v1/reason_pb.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import type { CallRecord } from "../../src/rpc/call.ts";
import { registerCallMetrics } from "../../src/server/call-metrics.ts";
import { callRecord } from "./support/call-record.ts";

const services = [AclService, InspectService];
const methodNames = services.flatMap(({ typeName, methods }) =>
  methods.map(({ name }) => `${typeName}/${name}`),
);
const codes =
  "ok canceled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied resource_exhausted failed_precondition aborted out_of_range unimplemented internal unavailable data_loss unauthenticated".split(
    " ",
  );
const reasons = ReasonSchema.values.map(({ name }) => name.replace("REASON_", ""));
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The same metrics with prom-client doing all the work at each call. */
function registerPlain(registry: Registry): (record: CallRecord) => void {
  const registers = [registry];
  const total = new Counter({
    name: "fleetgate_rpc_total",
    help: "Calls that have ended",
    labelNames: ["method", "code", "reason"],
    registers,
  });
  const durations = new Histogram({
    name: "fleetgate_rpc_duration_seconds",
    help: "Time from the headers of a call to its answer",
    labelNames: ["method"],
    buckets: bounds,
    registers,
  });
  const known = (list: readonly string[], text: string): string =>
    list.includes(text) ? text : "other";
  return (record) => {
    const method = known(methodNames, record.method);
    const reason = known(["", ...reasons], record.reason);
    total.inc({ method, code: known(codes, record.code), reason });
    durations.observe({ method }, record.ms / 1000);
  };
}

const records: fc.Arbitrary<CallRecord> = fc
  .record({
    method: fc.constantFrom(...methodNames.slice(0, 3), methodNames.at(-1) ?? "", "unknown", "x/y"),
    code: fc.oneof(fc.constant("ok"), fc.constantFrom(...codes, "other", "brand_new", "")),
    reason: fc.oneof(fc.constant(""), fc.constantFrom(...reasons, "BRAND_NEW", "constructor")),
    ms: fc.oneof(
      fc.constantFrom(0, ...bounds.map((bound) => bound * 1000)),
      fc.double({ min: 0, max: 20_000, noNaN: true }),
      fc.double({ min: 0, max: 2, noNaN: true }),
    ),
  })
  .map(callRecord);

describe("the metrics of calls", () => {
  it("read to the byte as if prom-client had counted each call, at any time", async () => {
    const batches = fc.array(fc.array(records, { maxLength: 30 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(batches, async (all) => {
        const [ours, plain] = [new Registry(), new Registry()];
        const observers = [registerCallMetrics(ours, services), registerPlain(plain)];
        for (const batch of all) {
          for (const record of batch) for (const observe of observers) observe(record);
          assert.equal(await ours.metrics(), await plain.metrics());
        }
      }),
      { numRuns: 60 },
    );
  });

  it("read the same however often they are read", async () => {
    const registry = new Registry();
    const observe = registerCallMetrics(registry, services);
    observe(callRecord());
    const text = await registry.metrics();
    assert.equal(await registry.metrics(), text);
    observe(callRecord());
    assert.notEqual(await registry.metrics(), text);
  });
});
