import { randomBytes, randomUUID } from "node:crypto";
import { createFleetgate, credential, type Fleetgate } from "../../src/client/node/index.ts";
import { host, realm } from "../credentials/world.ts";
import { serveParent } from "../children.ts";
import { forSeconds, inLanes } from "./lanes.ts";
import type { LoadRequest, LoadRun } from "./messages.ts";

// The process that is opener, worker, administrator and ten thousand machines.

const { ClaimState, Trust } = credential;
const deadlineMs = 30_000;
const enrollingAtOnce = 32;

let admin: Fleetgate | undefined;
let opener: Fleetgate | undefined;
/** The runner tokens of those who beat. */
let tokens: readonly string[] = [];

serveParent(
  (message) => {
    const request = message as LoadRequest;
    if (request.kind === "connect") return connect(request.port, request.adminKey);
    if (request.kind === "managers") {
      ({ tokens } = request);
      return undefined;
    }
    if (request.kind === "enroll") return enroll(request);
    if (request.kind === "claims") return claims(request);
    return beat(request);
  },
  async () => {
    await admin?.close();
    await opener?.close();
  },
);

async function connect(port: number, adminKey: string): Promise<void> {
  const as = (key: string): Fleetgate =>
    createFleetgate({
      endpoints: [`http://127.0.0.1:${port}`],
      ...{ key: () => key, deadlineMs, retry: { rounds: 1 } },
    });
  admin = as(adminKey);
  opener = as((await admin.apiKeys.create({ identity: host })).token);
}

/** A call with another credential than that of the client. */
const by = (token: string): { readonly headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});

const makeNonce = (): string => randomBytes(24).toString("base64url");

async function enroll(of: Extract<LoadRequest, { kind: "enroll" }>): Promise<LoadRun> {
  const { runners } = admin ?? notConnected();
  const each = Math.ceil(of.managers / of.runners);
  const enrolTokens: string[] = [];
  for (let index = 0; index < of.runners; index += 1) {
    const runnerId = `runner-${randomUUID()}`;
    await runners.createRunner({ runnerId, realm, maxManagers: each });
    enrolTokens.push((await runners.createEnrollToken({ runnerId, maxUses: each })).token);
  }
  const goesOn = (index: number): boolean => index < of.managers;
  return inLanes({ inFlight: enrollingAtOnce, goesOn }, async (index) => {
    const request = { systemId: `s${index}`, nonce: makeNonce(), ttl: { seconds: 86_400n } };
    const token = enrolTokens[index % enrolTokens.length] ?? "";
    await runners.enroll(request, by(token));
  });
}

async function claims(of: Extract<LoadRequest, { kind: "claims" }>): Promise<LoadRun> {
  const { claims: client } = opener ?? notConnected();
  return inLanes({ inFlight: of.inFlight, goesOn: forSeconds(of.seconds) }, async () => {
    const claimId = randomUUID();
    const jobId = `job-${randomUUID()}`;
    const { token } = await client.openClaim({
      ...{ claimId, jobId, realm },
      terms: { timeLimit: { seconds: 600n }, trust: Trust.UNTRUSTED },
    });
    const answer = of.answer === "watch" ? watched(client, claimId) : undefined;
    await client.presentClaim({ jobId, nonce: makeNonce() }, by(token));
    const state = await (answer ?? client.getClaim({ claimId }).then(({ claim }) => claim?.state));
    if (state !== ClaimState.CLAIMED) throw new Error(`a claim is ${state ?? "nothing"}`);
  });
}

/** What the stream of a claim says last. */
async function watched(
  client: Fleetgate["claims"],
  claimId: string,
): Promise<credential.ClaimState | undefined> {
  let state: credential.ClaimState | undefined;
  for await (const { claim } of client.watchClaims({ claimIds: [claimId] })) state = claim?.state;
  return state;
}

async function beat(of: Extract<LoadRequest, { kind: "beat" }>): Promise<LoadRun> {
  const { runners } = admin ?? notConnected();
  const { inFlight, perSecond, from, managers } = of;
  const goesOn = forSeconds(of.seconds);
  return inLanes({ inFlight, perSecond, goesOn }, async (index) => {
    const token = tokens[(from + (index % managers)) % tokens.length] ?? "";
    const { nextIn } = await runners.heartbeat({ ready: true }, by(token));
    if (nextIn === undefined) throw new Error("an answer said nothing");
  });
}

function notConnected(): never {
  throw new Error("the load is not connected");
}
