import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { CheckServerPermRequest } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { denial, fleetgateError, startFake, type FakeFleetgate } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const behind = (): ConnectError =>
  fleetgateError(Code.Internal, "FRESHNESS_NOT_REACHED", "the check could not be made; retry");
const noSnapshot = (): ConnectError =>
  fleetgateError(Code.Internal, "CHECK_UNAVAILABLE", "the check could not be made; retry");
const refused = (): ConnectError =>
  fleetgateError(Code.Unauthenticated, "CREDENTIAL_REQUIRED", "a valid credential is required");
const foreign = (): ConnectError =>
  fleetgateError(Code.FailedPrecondition, "REVISION_TOKEN_FOREIGN", "of another database");

type Answer = (request: CheckServerPermRequest) => ConnectError | undefined;

/** A server that answers one call after the other as told, the last one for ever. */
async function startAnswering(
  ...answers: readonly (() => ConnectError | undefined)[]
): Promise<FakeFleetgate & { readonly requests: CheckServerPermRequest[] }> {
  const requests: CheckServerPermRequest[] = [];
  const answer: Answer = (request) => {
    requests.push(request);
    return answers[Math.min(requests.length, answers.length) - 1]?.();
  };
  const server = await startFake({
    acl: {
      checkServerPerm: (request) => {
        const error = answer(request);
        if (error !== undefined) throw error;
        return { revisionToken: "AQ" };
      },
    },
  });
  return { ...server, requests };
}

const ok = (): undefined => undefined;
const ready = await startAnswering(ok);
const denying = await startAnswering(() => denial("no"));
const late = await startAnswering(behind);
const other = await startAnswering(foreign);
const locked = await startAnswering(refused);
const proxy = await startAnswering(() => new ConnectError("no backend", Code.Unavailable));
let hangingCalls = 0;
const hanging = await startFake({
  acl: {
    checkServerPerm: async (_request, { signal }) => {
      hangingCalls += 1;
      if (hangingCalls === 1) throw behind();
      await once(signal, "abort");
      return {};
    },
  },
});
const catchingUp = await startAnswering(noSnapshot, behind, refused, ok);

// Takes connections and never says a word.
const silent = net.createServer();
await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
after(() => silent.close());
const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
const connections = new Set<net.Socket>();
silent.on("connection", (socket) => connections.add(socket));
after(() => connections.forEach((socket) => socket.destroy()));

const header = `${makeFolder({ header: "Authorization: Bearer t\n" })}/header`;
const wait = (...args: readonly string[]): Promise<CliResult> =>
  runCli(["wait", "AQid", "--header-file", header, ...args]);
const sorted = (text: string): readonly string[] => text.trimEnd().split("\n").sort();

describe("fleetgate wait", () => {
  it("ends with 0 when every server answers, be it with a denial, and shows each", async () => {
    const endpoints = [ready, denying].map(({ endpoint }) => endpoint);
    const result = await wait("--endpoints", endpoints.join(","));
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(sorted(result.stdout), endpoints.map((url) => `${url}: reached`).sort());
    const consistency = ready.requests[0]?.consistency?.requirement;
    assert.deepEqual(consistency, { case: "atLeastAsFresh", value: "AQid" });
    assert.equal(ready.headers[0]?.get("authorization"), "Bearer t");
  });

  it("asks each server once, however often it is named", async () => {
    ready.requests.length = 0;
    const { endpoint } = ready;
    const again = ["--endpoints", endpoint, "--endpoints", `${denying.endpoint}, ${endpoint}/`];
    const result = await wait(...again, "--json");
    assert.deepEqual(JSON.parse(result.stdout), { reached: [endpoint, denying.endpoint] });
    assert.equal(ready.requests.length, 1);
  });

  it("waits for the server of --endpoint, or of the environment, when none is named", async () => {
    const { endpoint } = ready;
    assert.equal((await wait("--endpoint", endpoint)).stdout, `${endpoint}: reached\n`);
    const byEnv = await runCli(["wait", "AQid"], { env: { FLEETGATE_ENDPOINT: endpoint } });
    assert.equal(byEnv.stdout, `${endpoint}: reached\n`);
  });

  it("goes on while a server starts, is behind, or does not know the key yet", async () => {
    const result = await wait("--endpoints", catchingUp.endpoint);
    assert.deepEqual([result.code, catchingUp.requests.length], [0, 4]);
    assert.match(result.stderr, /refuses the credential so far/);
  });

  it("goes on until a server that is not there yet comes up", async () => {
    const port = await freePort();
    const handler = connectNodeAdapter({
      routes: (router: ConnectRouter) => {
        router.service(AclService, { checkServerPerm: () => ({}) });
      },
    });
    const server = http2.createServer(handler);
    after(() => server.close());
    const url = `http://127.0.0.1:${port}`;
    // It comes up when another one has been reached, so that it was not there at first.
    const result = await runCli(
      ["wait", "AQid", "--header-file", header, "--endpoints", `${url},${ready.endpoint}`],
      {
        onStdout: (soFar) => {
          if (soFar.includes(ready.endpoint) && !server.listening) server.listen(port, "127.0.0.1");
        },
      },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(result.stdout.split("\n"), [
      `${ready.endpoint}: reached`,
      `${url}: reached`,
      "",
    ]);
  });

  it("ends with 4 when the time is over, and says of each server why", async () => {
    const gone = `http://127.0.0.1:${await freePort()}`;
    const urls = [late.endpoint, gone, silentUrl, proxy.endpoint, ready.endpoint];
    const result = await wait("--endpoints", urls.join(), "--timeout", "600ms");
    assert.equal(result.code, 4);
    assert.equal(result.stdout, `${ready.endpoint}: reached\n`);
    const [head, ...lines] = result.stderr.split("\n");
    assert.equal(head, "error: 4 of 5 servers did not reach the revision token within 600 ms");
    assert.equal(lines[0], `  ${late.endpoint}: it is behind`);
    assert.match(lines[1] ?? "", /cannot reach Fleetgate .*: connection refused$/);
    assert.match(lines[2] ?? "", /no answer from .* within \d+ ms$/);
    assert.match(lines[3] ?? "", /answered unavailable: no backend$/);
    assert.equal(lines[4], "reason: FRESHNESS_NOT_REACHED");
    const json = await wait("--endpoints", late.endpoint, "--timeout", "300ms", "--json");
    const status = JSON.parse(json.stdout) as { code: number; details: { reason: string }[] };
    assert.deepEqual([json.code, status.code], [4, Code.Internal]);
    assert.equal(status.details[0]?.reason, "FRESHNESS_NOT_REACHED");
  });

  it("tells what a server said, not that the last call was cut short", async () => {
    const result = await runCli([
      "wait",
      "AQid",
      "--endpoints",
      hanging.endpoint,
      "--timeout",
      "600ms",
    ]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /: it is behind$/m);
  });

  it("ends at once for what no time will mend", async () => {
    const result = await wait(
      "--endpoints",
      `${late.endpoint},${other.endpoint}`,
      "--timeout",
      "24h",
    );
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: of another database\nreason: REVISION_TOKEN_FOREIGN\n/);
    const noKey = await runCli([
      "wait",
      "AQid",
      "--endpoints",
      locked.endpoint,
      "--timeout",
      "24h",
    ]);
    assert.equal(noKey.code, 4);
    assert.match(noKey.stderr, /hint: no credential was sent/);
  });

  it("says once what is wrong with the header file, however many servers and calls there are", async () => {
    const folder = makeFolder({ header: "Authorization: Bearer t\n" });
    const { chmodSync } = await import("node:fs");
    chmodSync(`${folder}/header`, 0o644);
    const args = ["--endpoints", `${ready.endpoint},${denying.endpoint}`];
    const { stderr } = await runCli(["wait", "AQid", "--header-file", `${folder}/header`, ...args]);
    assert.equal([...stderr.matchAll(/has mode 0644/g)].length, 1);
  });

  for (const args of [
    ["--endpoints", ""],
    ["--endpoints", `${ready.endpoint},`],
    ["--endpoints", "ftp://x"],
    ["--endpoints", `${ready.endpoint},nonsense`],
    ["--endpoints", "http://u:p@127.0.0.1:1"],
  ]) {
    it(`ends with 2 for ${args[1] ?? ""}`, async () => {
      ready.requests.length = 0;
      const result = await wait(...args);
      assert.equal(result.code, 2);
      assert.deepEqual(ready.requests, []);
      assert.doesNotMatch(result.stderr, /u:p@/);
    });
  }
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
