import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { create, toBinary, type DescMethodUnary, type JsonObject } from "@bufbuild/protobuf";
import { AclService } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { bearer } from "../../support/bench.ts";
import { envelope } from "../../support/exchange.ts";
import { keys } from "../../support/world.ts";
import { callerRequests } from "./caller-requests.ts";
import {
  aclMethods,
  bodyOf,
  callerMethods,
  forms,
  good,
  makeCase,
  methods,
  permission,
  type Case,
  type Otherwise,
} from "./make-case.ts";
import {
  badBodies,
  badJson,
  consistencies,
  oddHeaders,
  oddTimeouts,
  strangers,
  timeouts,
} from "./odd-calls.ts";

const { checkPoolPerm, batchCheck, filterPoolsByPerm } = AclService.method;

/** Requests for each method, as JSON. A method that is missing here is asked with an empty request. */
const requests: Readonly<Record<string, readonly JsonObject[]>> = {
  CheckServerPerm: [
    { permission: "swarming.servers.peek" },
    { permission: "x" },
    { caller: "user:root@example.com", permission: "swarming.servers.peek" },
  ],
  CheckPoolPerm: [
    good,
    { ...good, pool: "secret" },
    { ...good, pool: "no-such-pool" },
    { ...good, pool: "?" },
    { ...good, pool: "" },
    { ...good, permission: "" },
    { ...good, permission: "a.b.c" },
    { ...good, caller: "user:ann@example.com" },
    { ...good, caller: "user:ANN@example.com" },
    { ...good, caller: "user:joe@example.com" },
    { ...good, caller: "ann" },
    { ...good, caller: "task:1" },
    { ...good, caller: "anonymous:anonymous" },
    { ...good, pool: "漢字 % \u{1f600} \"'\u202e" },
    { ...good, permission: `a.b.${"ü".repeat(90)}` },
    {},
  ],
  CheckAllPoolsPerm: [
    { permission, pools: ["ci"] },
    { permission, pools: ["ci", "secret"] },
    { permission, pools: [] },
    { permission, pools: ["ci", "?"] },
  ],
  CheckAnyPoolsPerm: [
    { permission, pools: ["secret", "ci"] },
    { permission, pools: ["secret"] },
    { permission, pools: [] },
  ],
  FilterPoolsByPerm: [
    { permission, pools: ["secret", "ci", "ci"] },
    { permission, pools: [] },
    { permission, pools: ["secret"] },
  ],
  CheckTaskPerm: [
    { permission: "swarming.tasks.get", task: { taskId: "t1", pool: "ci", submitter: "" } },
    {
      permission: "swarming.tasks.cancel",
      task: { taskId: "t1", realm: "acme:tasks", submitter: "user:ann@example.com" },
    },
    { permission: "swarming.tasks.get", task: { taskId: "t1", botId: "hidden-1" } },
    { permission: "swarming.tasks.get" },
    { permission, task: { taskId: "t1" } },
    { permission: "swarming.tasks.get", task: {} },
  ],
  CheckBotPerm: [
    { permission: "swarming.pools.listBots", botId: "ci-1" },
    { permission: "swarming.pools.listBots", botId: "hidden-1" },
    { permission: "swarming.pools.listBots", botId: "" },
  ],
  CheckCreateInRealm: [{ realm: "acme:tasks" }, { realm: "acme:pools/secret" }, { realm: "x" }],
  CheckActAs: [
    { serviceAccount: "robot@example.com", realm: "acme:tasks" },
    { serviceAccount: "robot", realm: "acme:tasks" },
  ],
  BatchCheck: [
    {},
    {
      checks: [
        { pool: good },
        { pool: { ...good, pool: "secret" } },
        {},
        { server: { permission: "swarming.servers.peek" } },
        { filterPools: { permission, pools: ["ci", "secret"] } },
        { task: { permission: "swarming.tasks.get", task: { taskId: "t1", pool: "ci" } } },
        { actAs: { serviceAccount: "robot@example.com", realm: "acme:tasks" } },
        { pool: { ...good, consistency: { minimizeLatency: true } } },
        { pool: { ...good, caller: "user:joe@example.com" } },
      ],
    },
    { checks: Array.from({ length: 300 }, () => ({ pool: good })) },
    { checks: Array.from({ length: 1001 }, () => ({ pool: good })) },
  ],
  BatchCheckPacked: [
    { permission, pools: { names: ["ci", "secret", "ci"] } },
    { permission, pools: { names: ["ci", "secret"] }, reasons: true },
    { permission: "swarming.pools.listBots", bots: { ids: ["ci-1", "hidden-1"] } },
    { permission: "swarming.tasks.get", tasks: { infos: [{ taskId: "t1", pool: "ci" }] } },
    { permission, pools: { names: [] } },
    { permission },
  ],
  ...callerRequests,
};

/** All cases by hand. */
export function corpus(): readonly Case[] {
  const cases: Case[] = [];
  for (const form of forms) {
    const add = (
      name: string,
      request: JsonObject = good,
      otherwise: Otherwise = {},
      method: DescMethodUnary = checkPoolPerm,
    ): void => void cases.push(makeCase(name, form, method, request, otherwise));
    const raw = (name: string, body: Uint8Array, otherwise: Otherwise = {}): void =>
      add(name, {}, { pieces: [body], ...otherwise });

    for (const method of methods) {
      for (const request of requests[method.name] ?? [{}]) {
        add(
          `good headers, ${JSON.stringify(request).slice(0, 80)}`,
          request,
          { taken: true },
          method,
        );
        add("asked by a scheduler", request, { headers: bearer(keys.scheduler.token) }, method);
        add("asked by a narrow peer", request, { headers: bearer(keys.narrow.token) }, method);
        if (callerMethods.includes(method))
          add("asked by root", request, { headers: bearer(keys.root.token) }, method);
      }
      const [request = {}] = requests[method.name] ?? [];
      add("without a credential", request, { headers: { authorization: "" }, taken: true }, method);
      for (const consistency of aclMethods.includes(method) ? consistencies : []) {
        const name = `consistency ${JSON.stringify(consistency).slice(0, 60)}`;
        const { ...asked } = request;
        add(name, { ...asked, consistency }, { taken: true }, method);
        const headers = bearer(keys.root.token);
        add(`${name}, asked by root`, { ...asked, consistency }, { headers }, method);
      }
    }
    for (const headers of strangers)
      add(`a stranger, ${JSON.stringify(headers)}`, good, { headers });
    for (const headers of oddHeaders) add(`headers ${JSON.stringify(headers)}`, good, { headers });
    for (const headers of oddHeaders) {
      add("an unauthenticated call with odd headers", good, {
        headers: { ...headers, authorization: "" },
      });
    }
    for (const timeout of [...timeouts, ...oddTimeouts]) {
      for (const header of ["grpc-timeout", "connect-timeout-ms"]) {
        add(`${header} "${timeout}"`, good, { headers: { [header]: timeout } });
        add(
          `${header} "${timeout}", denied`,
          { ...good, pool: "secret" },
          { headers: { [header]: timeout } },
        );
      }
    }
    for (const accepted of ["gzip", "br", "identity,gzip", ""]) {
      const header = form === "grpc" ? "grpc-accept-encoding" : "accept-encoding";
      const headers = { [header]: accepted };
      add(
        `a long answer, accepting "${accepted}"`,
        requests["BatchCheck"]?.[2] ?? {},
        { headers },
        batchCheck,
      );
      add(
        `a long denial, accepting "${accepted}"`,
        { ...good, pool: "?".repeat(3000) },
        { headers },
      );
      const pools = Array.from({ length: 500 }, () => "ci");
      add(
        `many pools, accepting "${accepted}"`,
        { permission, pools },
        { headers },
        filterPoolsByPerm,
      );
      const long = { ...good, permission: `a.b.${"ü".repeat(98)}`, pool: "p".repeat(250) };
      add(`a denial of long names, accepting "${accepted}"`, long, { headers });
    }

    const body = Buffer.from(bodyOf(form, checkPoolPerm, good));
    const bytes = [...body].map((byte) => Buffer.from([byte]));
    raw("no body", Buffer.alloc(0));
    add("no body, and the head says so", good, { pieces: [], end: "head" });
    add("no body, from a stranger", good, {
      pieces: [],
      end: "head",
      headers: { authorization: "" },
    });
    add("byte by byte", good, { pieces: bytes, taken: true });
    add("byte by byte, slowly", good, { pieces: bytes.slice(0, 8), slowly: true });
    add("in two pieces, slowly", good, {
      pieces: [body.subarray(0, 7), body.subarray(7)],
      slowly: true,
    });
    add("in three pieces", good, {
      pieces: [body.subarray(0, 3), body.subarray(3, 9), body.subarray(9)],
    });
    add("a body after a pause, with a deadline", good, {
      pieces: [body.subarray(0, 7), body.subarray(7)],
      slowly: true,
      headers: { "grpc-timeout": "30S", "connect-timeout-ms": "30000" },
    });
    add("from a stranger, in two pieces, slowly", good, {
      pieces: [body.subarray(0, 7), body.subarray(7)],
      slowly: true,
      headers: { authorization: "" },
    });
    for (let length = 0; length < body.length; length += 9) {
      raw(`cut off after ${length} bytes`, body.subarray(0, length));
    }
    raw("a byte too much", Buffer.concat([body, Buffer.from([0])]));
    raw("twice", Buffer.concat([body, body]));
    add("twice, slowly", good, { pieces: [body, body], slowly: true });
    add("exactly the true length", good, { headers: { "content-length": `${body.length}` } });
    for (const [name, bad] of form === "json" ? [] : badBodies) {
      const message = Buffer.concat([
        toBinary(checkPoolPerm.input, create(checkPoolPerm.input, { permission, pool: "ci" })),
        bad,
      ]);
      raw(name, form === "grpc" ? envelope(message) : message);
      raw(`${name}, alone`, form === "grpc" ? envelope(bad) : bad);
    }
    for (const text of form === "json" ? badJson : [])
      raw(`JSON ${text.slice(0, 60)}`, Buffer.from(text));
    const unreadable = form === "grpc" ? envelope(Buffer.from([0])) : Buffer.from([0]);
    raw("a message that cannot be read, and a promise of more", unreadable, {
      headers: { "content-length": "54" },
    });
    raw("zipped and not said so", gzipSync(body));
    const zipped = form === "grpc" ? envelope(gzipSync(body.subarray(5)), 1) : gzipSync(body);
    const encoding = form === "grpc" ? "grpc-encoding" : "content-encoding";
    raw("zipped", zipped, { headers: { [encoding]: "gzip" } });
    raw("zipped badly", zipped.subarray(0, -4), { headers: { [encoding]: "gzip" } });
    if (form === "grpc") {
      for (const flags of [1, 2, 128, 255])
        raw(`flags ${flags}`, envelope(body.subarray(5), flags));
      raw("a zipped frame and no word of it", zipped);
      for (const size of [1024 * 1024 + 1, 0xffffffff]) {
        const head = Buffer.alloc(5);
        head.writeUInt32BE(size, 1);
        raw(`a frame that promises ${size} bytes`, head);
        raw(`a frame that promises ${size} bytes, and some come`, Buffer.concat([head, body]));
      }
      raw("an empty frame", Buffer.alloc(5));
      raw("an empty frame and a good one", Buffer.concat([Buffer.alloc(5), body]));
    }
    const spaces = Buffer.alloc(1024 * 1024, 32);
    const long =
      form === "json" ? Buffer.concat([body, spaces]) : Buffer.alloc(1024 * 1024 + 1, 0x22);
    raw("a body that is too large", form === "grpc" ? envelope(long) : long);
    const full = form === "json" ? Buffer.concat([body, spaces.subarray(body.length)]) : spaces;
    raw("a body as large as may be", form === "grpc" ? envelope(full) : full);

    for (const code of [0, 8, 2, 1]) {
      for (const slowly of [true, false]) {
        const how = `reset ${slowly ? "after a pause" : "at once"} with ${code}`;
        const end = code;
        add(`${how}, after the head`, good, { pieces: [], end, slowly });
        add(`${how}, in the body`, good, { pieces: [body.subarray(0, 6)], end, slowly });
      }
    }
  }
  return cases;
}
