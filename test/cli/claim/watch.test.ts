import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ClaimState } from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { fleetgateError, startFake } from "../support/fake-fleetgate.ts";
import { runCli, type CliResult } from "../support/run-cli.ts";

const deadline = timestampFromDate(new Date("2030-01-02T03:04:05Z"));

type Step = Error | readonly [id: string, state: ClaimState, version: bigint];
/** What each stream says, one after the other. */
let streams: (readonly Step[])[] = [];
const asked: (readonly string[])[] = [];
const fake = await startFake({
  claim: {
    async *watchClaims({ claimIds }) {
      asked.push(claimIds);
      await Promise.resolve();
      for (const step of streams.shift() ?? [new ConnectError("nothing left", Code.Internal)]) {
        if (step instanceof Error) throw step;
        const [claimId, state, version] = step;
        const isOver = state !== ClaimState.PENDING;
        const ended = isOver ? { endedAt: deadline } : {};
        const from = state === ClaimState.CLAIMED ? "203.0.113.7" : "";
        yield {
          claim: {
            claimId,
            jobId: `job-${claimId}`,
            state,
            version,
            deadline,
            ...ended,
            claimedFrom: from,
          },
        };
      }
    },
  },
});

function watch(said: (readonly Step[])[], ...args: readonly string[]): Promise<CliResult> {
  streams = said;
  asked.length = 0;
  return runCli(["claim", "watch", ...args, "--endpoint", fake.endpoint]);
}

const { PENDING, CLAIMED, EXPIRED } = ClaimState;
const lost = new ConnectError("gone", Code.Unavailable);

describe("fleetgate claim watch", () => {
  it("tells each change in a line, and ends with 0 when all are claimed", async () => {
    const said: readonly Step[] = [
      ...([
        ["a", PENDING, 1n],
        ["b", PENDING, 1n],
        ["a", PENDING, 1n],
      ] as const),
      ...([
        ["b", CLAIMED, 2n],
        ["a", CLAIMED, 2n],
      ] as const),
    ];
    const { code, stdout } = await watch([said], "a", "b");
    assert.equal(code, 0);
    assert.deepEqual(stdout.split("\n"), [
      "a job-a pending (until 2030-01-02T03:04:05Z)",
      "b job-b pending (until 2030-01-02T03:04:05Z)",
      "b job-b claimed (from 203.0.113.7)",
      "a job-a claimed (from 203.0.113.7)",
      "",
    ]);
  });

  it("ends with 1 when one ended otherwise", async () => {
    const { code, stdout } = await watch(
      [
        [
          ["a", CLAIMED, 2n],
          ["b", EXPIRED, 2n],
        ],
      ],
      "a",
      "b",
    );
    assert.equal(code, 1);
    assert.match(stdout, /^b job-b expired$/m);
  });

  it("begins again with those that are not over, when the stream is lost or ends early", async () => {
    const { code, stdout, stderr } = await watch(
      [[["a", PENDING, 1n], ["b", CLAIMED, 2n], lost], [["a", PENDING, 1n]], [["a", CLAIMED, 2n]]],
      ...["a", "b", "a"],
    );
    assert.equal(code, 0);
    assert.deepEqual(asked, [["a", "b"], ["a"], ["a"]]);
    assert.equal(stdout.split("\n").length, 4, "what was told before is not told again");
    assert.equal(stderr.match(/^connecting again: /gm)?.length, 2, stderr);
  });

  it("does not begin again after an answer, and gives up when no server is there", async () => {
    const forbidden = fleetgateError(Code.PermissionDenied, "PERMISSION_REQUIRED", "not yours");
    const refused = await watch([[forbidden]], "a");
    assert.deepEqual([refused.code, asked.length], [4, 1]);
    const gone = await watch(
      [[["a", PENDING, 1n], lost], [lost], [lost], [lost]],
      "a",
      "--timeout",
      "600ms",
    );
    assert.equal(gone.code, 4);
    assert.ok(asked.length >= 2 && asked.length <= 4, `${asked.length} times`);
  });

  it("prints an object a line for programs", async () => {
    const { stdout } = await watch(
      [
        [
          ["a", PENDING, 1n],
          ["a", CLAIMED, 2n],
        ],
      ],
      "a",
      "--json",
    );
    const states = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { claim: { state: string } }).claim.state);
    assert.deepEqual(states, ["CLAIM_STATE_PENDING", "CLAIM_STATE_CLAIMED"]);
  });

  it("wants a claim, and no empty one", async () => {
    assert.equal((await watch([])).code, 2);
    assert.equal((await watch([], "")).code, 2);
  });
});
