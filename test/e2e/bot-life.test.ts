import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { BotService } from "../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import { SessionService } from "../../src/gen/fleetgate/credential/v1/session_service_pb.ts";
import { InstanceState, RunnerState } from "../../src/gen/fleetgate/credential/v1/subject_pb.ts";
import { failure } from "./support/failures.ts";
import { openTransport, startTwoReplicas } from "./support/two-replicas.ts";

const realm = "app:bots";
const fleet = `
projects:
  - name: app
    realms:
      - name: bots
        bindings:
          - { role: role/fleetgate.provisioner, principals: ["service:provisioner"] }
      - name: other
        bindings:
          - { role: role/fleetgate.provisioner, principals: ["service:stranger"] }
`;
const refused = "Unauthenticated CREDENTIAL_REQUIRED";
const nonces = ["n".repeat(22), "m".repeat(22)] as const;

function openBotClients(url: string, token: string) {
  const transport = openTransport(url, token);
  return {
    bots: createClient(BotService, transport),
    sessions: createClient(SessionService, transport),
  };
}
type BotClients = ReturnType<typeof openBotClients>;

describe("the life of a bot, over the wire, on two replicas", () => {
  let urls: readonly [string, string];
  let provisioner: BotClients;
  let stranger: BotClients;
  const as = (token: string, replica: 0 | 1 = 0) => openBotClients(urls[replica], token);

  before(async () => {
    const replicas = await startTwoReplicas(fleet, ["service:provisioner", "service:stranger"]);
    ({ urls } = replicas);
    provisioner = as(replicas.tokens["service:provisioner"]);
    stranger = as(replicas.tokens["service:stranger"]);
  });

  /** A bot whose machine runs, and its boot token. */
  async function running(botId: string) {
    const oneTimeReferences = { reg: "vault/reg" };
    const { bot } = await provisioner.bots.createBot({ botId, realm, oneTimeReferences });
    assert.equal(bot?.runnerState, RunnerState.PENDING);
    const { token } = await provisioner.bots.issueBootToken({ botId, generation: 1 });
    const early = as(token).bots.getBot({});
    assert.equal((await failure(early)).what, refused);
    const states = [InstanceState.CREATING, InstanceState.RUNNING];
    for (const instanceState of states) {
      await provisioner.bots.setBotState({ botId, instanceState });
    }
    return { token, uid: bot.uid };
  }

  it("goes from its boot token to sessions, each of which ends the one before", async () => {
    const { token } = await running("one");
    const boot = as(token, 1);
    assert.equal((await boot.bots.getBot({})).bot?.botId, "one");
    await boot.bots.setBotState({ runnerState: RunnerState.INSTALLING });
    const first = (await boot.sessions.openSession({})).session ?? assert.fail();
    const second = (await as(token).sessions.openSession({})).session ?? assert.fail();
    assert.equal(second.epoch, first.epoch + 1n);
    assert.equal((await failure(as(first.token).bots.getBot({}))).what, refused);
    const session = as(second.token);
    const idle = await session.bots.setBotState({ runnerState: RunnerState.IDLE });
    assert.equal(idle.bot?.runnerState, RunnerState.IDLE);
    // Set up once: the boot token has no business calling back (G24).
    assert.equal((await failure(as(token).bots.getBot({}))).what, refused);
    for (const upward of [
      () => session.sessions.openSession({}),
      () => session.bots.fetchOnce({ name: "reg" }),
      () => session.bots.createBot({ botId: "clone", realm }),
      () => session.bots.issueBootToken({ botId: "one", generation: 1 }),
      () => session.sessions.takeOverSession({ nonce: nonces[0] }),
      () => as(second.resumeToken).bots.getBot({}),
    ]) {
      assert.equal((await failure(upward())).what, refused);
    }
    await session.sessions.closeSession({});
    assert.equal((await failure(session.bots.getBot({}))).what, refused);
  });

  it("hands a one-time secret out once: to the bot, or to the service it showed its token", async () => {
    const { token } = await running("two");
    const { bots } = provisioner;
    const { reference, fetchId } = await bots.fetchOnce({ name: "reg", token });
    assert.equal(reference, "vault/reg");
    const own = as(token).bots;
    const fetched = "FailedPrecondition ALREADY_FETCHED";
    assert.equal((await failure(own.fetchOnce({ name: "reg" }))).what, fetched);
    assert.equal((await bots.returnFetch({ fetchId })).returned, true);
    assert.equal((await own.fetchOnce({ name: "reg" })).reference, "vault/reg");
    assert.equal((await failure(bots.fetchOnce({ name: "reg", token }))).what, fetched);
  });

  it("tells nothing about a token that was shown to somebody else, or is none (U10)", async () => {
    const { token } = await running("three");
    const { bots } = provisioner;
    const bad = token.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    const { session } = await as(token).sessions.openSession({});
    const answers = [
      await failure(stranger.bots.fetchOnce({ name: "reg", token })),
      await failure(bots.fetchOnce({ name: "reg", token: bad })),
      await failure(bots.fetchOnce({ name: "reg", token: "x" })),
      await failure(bots.fetchOnce({ name: "reg", token: session?.token ?? "" })),
    ];
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.what, "Unauthenticated SHOWN_CREDENTIAL_REFUSED");
    const invalid = "InvalidArgument INVALID_FIELD";
    assert.equal((await failure(bots.fetchOnce({ name: "reg" }))).what, invalid);
    assert.equal((await failure(as(token).bots.fetchOnce({ name: "reg", token }))).what, invalid);
    assert.equal((await bots.fetchOnce({ name: "reg", token })).reference, "vault/reg");
  });

  it("takes a session over on any replica, once; a lost answer is answered anew (U43, U48)", async () => {
    const { token } = await running("four");
    const { session: first } = await as(token).sessions.openSession({});
    const resume = (replica: 0 | 1) => as(first?.resumeToken ?? "", replica).sessions;
    const { session: lost } = await resume(0).takeOverSession({ nonce: nonces[0] });
    const { session: second } = await resume(1).takeOverSession({ nonce: nonces[0] });
    assert.equal(second?.epoch, 3n);
    assert.equal((await as(second.token, 1).bots.getBot({})).bot?.epoch, 3n);
    assert.equal((await failure(as(lost?.token ?? "", 1).bots.getBot({}))).what, refused);
    const replay = await failure(resume(1).takeOverSession({ nonce: nonces[1] }));
    assert.deepEqual(replay, await failure(as("fg1_none").bots.getBot({})));
    assert.equal((await failure(as(second.token, 1).bots.getBot({}))).what, refused);
    const next = as(second.resumeToken, 1).sessions.takeOverSession({ nonce: nonces[0] });
    assert.equal((await failure(next)).what, refused);
  });

  it("ends a session whose resume token is shown again while nothing is known of its machine (U43)", async () => {
    const botId = "six";
    const { token } = await running(botId);
    const { session: first } = await as(token).sessions.openSession({});
    const resume = as(first?.resumeToken ?? "").sessions;
    const { session: second } = await resume.takeOverSession({ nonce: nonces[0] });
    const tell = (instanceState: InstanceState) =>
      provisioner.bots.setBotState({ botId, instanceState });
    await tell(InstanceState.UNKNOWN);
    // A repeated call is no replay, and takes nothing over as long as the machine does not run.
    for (const nonce of [nonces[0], nonces[1]]) {
      assert.equal((await failure(resume.takeOverSession({ nonce }))).what, refused);
    }
    await tell(InstanceState.RUNNING);
    assert.equal((await failure(as(second?.token ?? "").bots.getBot({}))).what, refused);
  });

  it("loses its tokens with the next attempt, and with another bot of its name (G27, GH2)", async () => {
    const { token, uid } = await running("five");
    const botId = "five";
    const { session } = await as(token).sessions.openSession({});
    await provisioner.bots.setBotState({ botId, instanceState: InstanceState.ERROR });
    const { bot } = await provisioner.bots.requeueBot({ botId, expectedGeneration: 1 });
    assert.deepEqual([bot?.generation, bot?.uid], [2, uid]);
    const states = [InstanceState.CREATING, InstanceState.RUNNING];
    const start = async () => {
      for (const instanceState of states) {
        await provisioner.bots.setBotState({ botId, instanceState });
      }
    };
    await start();
    for (const old of [token, session?.token ?? ""]) {
      assert.equal((await failure(as(old).bots.getBot({}))).what, refused);
    }
    const { token: next } = await provisioner.bots.issueBootToken({ botId, generation: 2 });
    assert.equal((await as(next).bots.getBot({})).bot?.generation, 2);
    await provisioner.bots.deleteBot({ botId });
    await provisioner.bots.createBot({ botId, realm });
    await start();
    assert.equal((await failure(as(next).bots.getBot({}))).what, refused);
    const { bots } = await provisioner.bots.listBots({ realm, pageSize: 1000 });
    assert.deepEqual(
      bots.map((one) => one.botId),
      ["five", "four", "one", "six", "three", "two"],
    );
    const denied = "PermissionDenied PERMISSION_REQUIRED";
    assert.equal((await failure(stranger.bots.listBots({ realm }))).what, denied);
    assert.equal((await failure(stranger.bots.getBot({ botId }))).what, denied);
  });

  it("refuses states that the contract does not have", async () => {
    const told = provisioner.bots.setBotState({ botId: "five", runnerState: 99 as RunnerState });
    assert.equal((await failure(told)).what, "InvalidArgument INVALID_FIELD");
    const instance = provisioner.bots.setBotState({
      botId: "five",
      instanceState: 99 as InstanceState,
    });
    assert.equal((await failure(instance)).what, "InvalidArgument INVALID_FIELD");
  });
});
