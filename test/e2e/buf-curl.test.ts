import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { run, type Ended } from "./support/processes.ts";
import { admin, exampleFiles, startServer, writeHeaderFile } from "./support/server.ts";
import { textFile } from "./support/clients.ts";

const check = "fleetgate.acl.v1.AclService/CheckPoolPerm";
const ask = (pool: string): string =>
  JSON.stringify({
    caller: "user:ann@example.com",
    permission: "swarming.pools.createTask",
    pool,
  });

/** The parts of an explanation that the tests look at, as JSON. */
interface Explained {
  readonly outcome?: { readonly code?: number };
  readonly explanation: {
    readonly steps: readonly {
      readonly result: string;
      readonly witness?: {
        readonly memberships: readonly { readonly group: string }[];
        readonly binding: { readonly role: string };
      };
    }[];
    readonly grants?: readonly unknown[];
  };
}

describe("buf curl", () => {
  let url = "";
  let header = "";

  before(async () => {
    const server = await startServer();
    url = server.url;
    header = writeHeaderFile(server.token);
    await server.admin.config.apply({
      files: [
        ...exampleFiles().map(({ path, text }) => textFile(text, path)),
        textFile(`groups: [{ name: peers, members: ["${admin}"] }]`, "peers.yaml"),
      ],
    });
  });

  const curl = (...args: readonly string[]): Promise<Ended> => run("buf", ["curl", ...args]);
  const call = (pool: string, ...args: readonly string[]): Promise<Ended> =>
    curl(...args, "-H", `@${header}`, "-d", ask(pool), `${url}/${check}`);

  const ways: readonly (readonly string[])[] = [
    ["--http2-prior-knowledge"],
    ["--http2-prior-knowledge", "--protocol", "grpc"],
    ["--http2-prior-knowledge", "--protocol", "grpcweb"],
    ["--schema", "proto"],
    ["--schema", "proto", "--http2-prior-knowledge"],
    ["--schema", "proto", "--http2-prior-knowledge", "--protocol", "grpc"],
    ["--schema", "proto", "--protocol", "grpcweb"],
  ];
  for (const way of ways) {
    it(`asks with ${way.join(" ")}`, async () => {
      const [yes, no] = await Promise.all([call("linux-tests", ...way), call("signing", ...way)]);
      assert.equal(yes.code, 0, yes.stderr);
      assert.match(yes.stdout, /"revisionToken": "[\w-]+"/);
      assert.notEqual(no.code, 0);
      assert.match(no.stderr, /"code": "permission_denied"/);
      const denial = JSON.parse(no.stderr) as {
        readonly message: string;
        readonly details: readonly { readonly type: string; readonly value: string }[];
      };
      assert.match(
        denial.message,
        /^Permission "swarming\.pools\.createTask" denied for "user:ann/,
      );
      assert.equal(denial.details[0]?.type, "google.rpc.ErrorInfo");
      const info = Buffer.from(denial.details[0]?.value ?? "", "base64").toString();
      assert.match(info, /PERMISSION_DENIED[^]*fleetgate[^]*pool[^]*signing/);
    });
  }

  it("shows the reason of a denial in words, by reflection too", async () => {
    const { stderr } = await call("signing", "--http2-prior-knowledge");
    assert.match(stderr, /"reason": "PERMISSION_DENIED",\s+"domain": "fleetgate"/);
  });

  for (const way of [["--http2-prior-knowledge"], ["--schema", "proto"]]) {
    it(`shows the outcomes of a batch with ${way.join(" ")}`, async () => {
      const checks = ["linux-tests", "signing"].map((pool) => ({
        pool: JSON.parse(ask(pool)) as object,
      }));
      const { code, stdout, stderr } = await curl(
        ...[...way, "-H", `@${header}`, "-d", JSON.stringify({ checks })],
        `${url}/fleetgate.acl.v1.AclService/BatchCheck`,
      );
      assert.equal(code, 0, stderr);
      const { outcomes } = JSON.parse(stdout) as { readonly outcomes: readonly unknown[] };
      assert.equal(outcomes.length, 2);
      assert.match(JSON.stringify(outcomes[1]), /"reason":"PERMISSION_DENIED"/);
    });
  }

  for (const way of ways.slice(0, 4)) {
    it(`shows why with ${way.join(" ")}`, async () => {
      const explain = async (pool: string): Promise<Explained> => {
        const { code, stdout, stderr } = await curl(
          ...[
            ...way,
            "-H",
            `@${header}`,
            "-d",
            JSON.stringify({ pool: JSON.parse(ask(pool)) as object }),
          ],
          `${url}/fleetgate.inspect.v1.InspectService/Explain`,
        );
        assert.equal(code, 0, stderr);
        return JSON.parse(stdout) as Explained;
      };
      const allowed = await explain("linux-tests");
      const witness = allowed.explanation.steps.at(-1)?.witness;
      const groups = witness?.memberships.map(({ group }) => group);
      assert.deepEqual(groups, ["developers", "testers"]);
      assert.equal(witness?.binding.role, "role/swarming.poolUser");
      const denied = await explain("release-signing");
      assert.equal(denied.outcome?.code, 7);
      assert.equal(denied.explanation.steps.at(-1)?.result, "RESULT_NOT_A_PRINCIPAL");
      assert.ok((denied.explanation.grants?.length ?? 0) > 0);
    });
  }

  it("lists the services by reflection, without a credential", async () => {
    const { code, stdout } = await curl("--http2-prior-knowledge", "--list-services", url);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split("\n"), [
      "fleetgate.acl.v1.AclService",
      "fleetgate.admin.v1.ApiKeyService",
      "fleetgate.admin.v1.ChangeService",
      "fleetgate.admin.v1.ConfigService",
      "fleetgate.admin.v1.GroupService",
      ...["Bot", "Caller", "Claim", "Credential", "Gate", "Key", "Runner", "Session"].map(
        (name) => `fleetgate.credential.v1.${name}Service`,
      ),
      ...["Task", "Url"].map((name) => `fleetgate.credential.v1.${name}Service`),
      "fleetgate.inspect.v1.InspectService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });

  it("asks for the health without a credential", async () => {
    const path = `${url}/grpc.health.v1.Health/Check`;
    const { code, stdout } = await curl("--http2-prior-knowledge", "-d", "{}", path);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { status: "SERVING" });
  });

  it("is refused without a credential", async () => {
    const { code, stderr } = await curl(
      ...["--http2-prior-knowledge", "-d", ask("linux-tests"), `${url}/${check}`],
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /"code": "unauthenticated"[^]*CREDENTIAL_REQUIRED/);
  });
});
