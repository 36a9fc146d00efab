import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import type { ReplicaState } from "../../../../src/replica/state.ts";
import { openBench, type Bench } from "../../support/bench.ts";

/**
 * Opens a bench before the tests of the \`describe\` that calls this, and closes it after them. Each test begins
 * with this state, and with a replica that knows no other. The bench is to be asked for while tests run.
 */
export function openInspectBench(state: ReplicaState): () => Bench {
  let bench: Bench | undefined;
  const opened = (): Bench => bench ?? assert.fail("no test is running");
  before(async () => {
    bench = await openBench();
  });
  after(() => opened().close());
  beforeEach(() => {
    const { replica } = opened();
    replica.state = state;
    replica.next = undefined;
    replica.failure = undefined;
  });
  return opened;
}
