import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import {
  UrlService,
  type SignUrlRequestSchema,
  type VerifyUrlRequestSchema,
} from "../../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { signAssertion } from "../../../src/credentials/assertion.ts";
import type { CredentialRecord, TaskSubject } from "../../../src/domain/credential/subject.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./fake-credentials.ts";
import { now } from "./keys.ts";
import { binding, createState, keys, usual } from "./world.ts";

/** The methods of the service. */
export const { signUrl, verifyUrl } = UrlService.method;

const role = (name: string, permission: string) => ({
  ...{ name: `customRole/${name}`, permissions: [permission], includes: [], unresolved: false },
});

/**
 * In `acme:tasks`, `service:scheduler` and the task t1 may sign, `service:scheduler` may verify, and `service:narrow` neither.
 */
export const urlWorld = {
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    customRoles: [
      role("identify", "fleetgate.callers.identify"),
      role("sign", "fleetgate.urls.sign"),
    ],
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings:
        realm.name === "tasks"
          ? [
              binding("customRole/identify", "service:scheduler"),
              binding("customRole/sign", "service:scheduler", "task:t1", "bot:host"),
            ]
          : realm.bindings,
    })),
  })),
};

/** What grants are for in these tests. */
export const use = { purpose: "cache.download", method: "GET", resource: "cache/1234" };

/** So many milliseconds from now, as a message has it. */
export const at = (ms: number): string =>
  new Date(now.getTime() + ms).toISOString().replace(".000", "");

/** A server that signs and verifies, over all wires, and what its tests ask it for. */
export function useUrlService() {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState(urlWorld);
  });

  const call = <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    peer: string,
    wire = 0,
  ): Promise<Reply> => {
    const { transport } = bench.wires[wire] ?? assert.fail();
    return ask(transport, method, request, bearer(peer));
  };
  const sign = (
    request: MessageInitShape<typeof SignUrlRequestSchema>,
    peer = keys.scheduler.token,
  ): Promise<Reply> => call(signUrl, { ...use, ...request }, peer);
  const verify = (
    request: MessageInitShape<typeof VerifyUrlRequestSchema>,
    peer = keys.scheduler.token,
  ): Promise<Reply> => call(verifyUrl, { ...use, ...request }, peer);

  async function signed(request: MessageInitShape<typeof SignUrlRequestSchema>): Promise<string> {
    const { response, code, message } = await sign(request);
    assert.equal(code, "ok", message);
    return (response as { grant: string }).grant;
  }
  function expiry({ response, code, message }: Reply): string {
    assert.equal(code, "ok", message);
    return (response as { expiresAt: string }).expiresAt;
  }

  /** What IdentifyCaller gives the scheduler about a task. */
  function assertion(
    subject: Partial<TaskSubject> = {},
    change: { record?: Partial<CredentialRecord>; peer?: string; use?: "all" | "report" } = {},
  ): string {
    const { record } = makeCredential("task", "t1", {
      subject: makeTask("t1", subject),
      ...change.record,
    });
    const peer = (change.peer ?? "service:scheduler") as Identity;
    const wanted = { record, peer, use: change.use ?? "all", permissions: [] } as const;
    const made = signAssertion(fake.area.keyring, wanted, now.getTime());
    return made?.text ?? assert.fail();
  }
  const seconds = (value: number) => ({ seconds: BigInt(value), nanos: 0 });

  return {
    fake,
    bench: () => bench,
    ...{ call, sign, verify, signed, expiry, assertion, seconds },
  };
}
