import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  ClaimService,
  ClaimState,
} from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { Trust } from "../../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { TaskService } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { failure } from "../../e2e/support/failures.ts";
import { startServer, type TestServer } from "../../e2e/support/server.ts";

const fleet = `
projects:
  - name: acme
    realms:
      - name: ci
        bindings:
          - { role: role/fleetgate.executionHost, principals: ["service:dispatcher", "service:other"] }
`;

describe("ClaimService, by real bearers", () => {
  let server: TestServer;
  let key = "";
  before(async () => {
    server = await startServer();
    await server.admin.config.apply({
      files: [{ path: "fleet.yaml", content: { case: "text", value: fleet } }],
    });
    key = (await server.admin.keys.create({ identity: "service:dispatcher" })).token;
  });

  const as = (...tokens: readonly string[]) => {
    const interceptor: Interceptor = (next) => (request) => {
      for (const token of tokens) request.header.append("authorization", `Bearer ${token}`);
      return next(request);
    };
    const transport = createGrpcTransport({ baseUrl: server.url, interceptors: [interceptor] });
    return {
      claims: createClient(ClaimService, transport),
      tasks: createClient(TaskService, transport),
      acl: createClient(AclService, transport),
    };
  };
  const open = (jobId: string, claimId: string = randomUUID()) =>
    as(key).claims.openClaim({
      ...{ claimId, jobId, realm: "acme:ci", payload: "s3://jobs/1" },
      terms: { timeLimit: { seconds: 600n }, trust: Trust.TRUSTED },
    });

  it("C17 C18 U45 hands the job to the worker, tells the opener, and ends the watch", async () => {
    const { claim, token, tlsFingerprint } = await open("job-1");
    assert.equal(tlsFingerprint, "");
    const { claimId = "" } = claim ?? {};
    const told: ClaimState[] = [];
    const watch = (async () => {
      for await (const message of as(key).claims.watchClaims({ claimIds: [claimId] })) {
        told.push(message.claim?.state ?? ClaimState.UNSPECIFIED);
        if (told.length > 1) continue;
        // Told at once; now it changes.
        const won = await as(token).claims.presentClaim({ jobId: "job-1", nonce: randomUUID() });
        assert.equal(won.payload, "s3://jobs/1");
        const { task } = await as(won.token).tasks.getTask({ taskId: "" });
        assert.deepEqual([task?.taskId, task?.uid, task?.holds], ["job-1", won.taskUid, 1]);
      }
    })();
    await watch;
    assert.deepEqual(told, [ClaimState.PENDING, ClaimState.CLAIMED]);
    // Whoever lost the stream begins again, and misses no answer.
    const again: ClaimState[] = [];
    for await (const message of as(key).claims.watchClaims({ claimIds: [claimId] })) {
      again.push(message.claim?.state ?? ClaimState.UNSPECIFIED);
    }
    assert.deepEqual(again, [ClaimState.CLAIMED]);
  });

  it("C29 U10 U16 refuses whatever is presented wrongly by the same bytes", async () => {
    const { token, claim } = await open("job-2");
    const other = await open("job-3");
    const request = { jobId: "job-2", nonce: randomUUID() };
    const present = (...tokens: readonly string[]) =>
      failure(as(...tokens).claims.presentClaim(request));
    const refusals = [
      await present(),
      await present("nonsense"),
      await present(key),
      await present(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`),
      await present(token, token),
      await present(other.token),
      await failure(as(token).claims.presentClaim({ ...request, jobId: "no-such-job" })),
    ];
    await as(key).claims.cancelClaim({ claimId: claim?.claimId ?? "" });
    refusals.push(await present(token));
    for (const refusal of refusals) assert.deepEqual(refusal, refusals[0]);
    assert.equal(refusals[0]?.what, "Unauthenticated CREDENTIAL_REQUIRED");
    // And its token is for nothing else.
    const { what } = await failure(as(other.token).acl.checkServerPerm({ permission: "a.b.c" }));
    assert.equal(what, "Unauthenticated CREDENTIAL_REQUIRED");
    const nonce = await failure(as(token).claims.presentClaim({ ...request, nonce: "short" }));
    assert.equal(nonce.metadata["field"], "nonce");
  });

  it("watches nothing that is none of the peer's, and not too much", async () => {
    const { claim } = await open("job-4");
    const stranger = (await server.admin.keys.create({ identity: "service:other" })).token;
    const watch = async (token: string, claimIds: readonly string[]): Promise<string> => {
      const read = async () => {
        for await (const message of as(token).claims.watchClaims({ claimIds: [...claimIds] })) {
          assert.fail(`told ${message.claim?.claimId ?? ""}`);
        }
      };
      return (await failure(read())).what;
    };
    const mine = claim?.claimId ?? "";
    const forbidden = "PermissionDenied PERMISSION_REQUIRED";
    assert.equal(await watch(stranger, [mine]), forbidden);
    assert.equal(await watch(key, [mine, randomUUID()]), forbidden);
    for (const ids of [
      [],
      [mine, mine],
      ["x"],
      Array.from({ length: 1_001 }, () => randomUUID()),
    ]) {
      assert.equal(await watch(key, ids), "InvalidArgument INVALID_FIELD");
    }
  });

  it("ends a watch when the right to it is withdrawn, and when its key is", async () => {
    const { claim } = await open("job-5");
    const claimIds = [claim?.claimId ?? ""];
    const apply = (content: string) =>
      server.admin.config.apply({
        files: [{ path: "fleet.yaml", content: { case: "text", value: content } }],
      });
    const managed = fleet.replace(
      "bindings:",
      'bindings:\n          - { role: role/fleetgate.taskManager, principals: ["service:boss"] }',
    );
    await apply(managed);
    const boss = (await server.admin.keys.create({ identity: "service:boss" })).token;
    const spare = await server.admin.keys.create({ identity: "service:dispatcher" });
    /** Watches, does something once it was told of the claim, and says how the watch ended. */
    const endOf = async (token: string, meanwhile: () => Promise<unknown>): Promise<string> => {
      const read = async () => {
        for await (const message of as(token).claims.watchClaims({ claimIds })) {
          assert.equal(message.claim?.state, ClaimState.PENDING);
          await meanwhile();
        }
      };
      return (await failure(read())).what;
    };
    const { apiKey } = spare;
    assert.equal(await endOf(boss, () => apply(fleet)), "PermissionDenied PERMISSION_REQUIRED");
    assert.equal(
      await endOf(spare.token, () => server.admin.keys.revoke({ id: apiKey?.id ?? "" })),
      "Unauthenticated CREDENTIAL_REQUIRED",
    );
  });

  it("keeps the 17th watch of a peer out until another one ends", async () => {
    const { claim } = await open("job-6");
    const claimIds = [claim?.claimId ?? ""];
    const { claims } = as(key);
    const begin = async (signal?: AbortSignal) => {
      const stream = claims.watchClaims({ claimIds }, signal && { signal })[Symbol.asyncIterator]();
      await stream.next();
      return stream;
    };
    const ends = Array.from({ length: 16 }, () => new AbortController());
    const streams = await Promise.all(ends.map(({ signal }) => begin(signal)));
    const { what, metadata } = await failure(begin());
    assert.deepEqual(
      [what, metadata["limit"]],
      ["ResourceExhausted LIMIT_EXCEEDED", "claim_watches"],
    );
    for (const end of ends) end.abort();
    await Promise.allSettled(streams.map((stream) => stream.next()));
    const again = new AbortController();
    for (;;) {
      const begun = await begin(again.signal).catch(() => undefined);
      if (begun !== undefined) break;
    }
    again.abort();
  });
});
