import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { create, fromJson, toBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import type { JsonObject } from "@bufbuild/protobuf";
import { AclService } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { bearer } from "../../support/bench.ts";
import { envelope } from "../../support/exchange.ts";
import { makeKey } from "../../support/keys.ts";
import { nameOf, unaryMethods } from "../../support/services.ts";
import { createState, keys } from "../../support/world.ts";
import type { Talk } from "./talk.ts";

/** A form of content that the fast path takes. */
export type Form = "grpc" | "proto" | "json";

export const forms: readonly Form[] = ["grpc", "proto", "json"];

/** A talk with a name, for messages. */
export interface Case extends Talk {
  readonly name: string;
  /** Whether the fast path must take it; undefined: either is good. */
  readonly taken?: boolean;
}

const types: Readonly<Record<Form, string>> = {
  grpc: "application/grpc",
  proto: "application/proto",
  json: "application/json",
};

/** Every method of AclService. */
export const methods: readonly DescMethodUnary[] = unaryMethods(AclService);

/** The headers of a call of Ann. */
export function headersOf(form: Form, method: DescMethodUnary): Record<string, string> {
  return {
    ":method": "POST",
    ":path": `/${nameOf(method)}`,
    "content-type": types[form],
    ...(form === "grpc" ? { te: "trailers" } : {}),
    ...bearer(keys.ann.token),
  };
}

/** The body of a request that is given as JSON. */
export function bodyOf(form: Form, method: DescMethodUnary, request: JsonObject): Uint8Array {
  if (form === "json") return Buffer.from(JSON.stringify(request));
  const message = toBinary(method.input, fromJson(method.input, request));
  return form === "grpc" ? envelope(message) : message;
}

/** What a case may have otherwise than a good call of Ann. */
export interface Otherwise {
  readonly headers?: Talk["headers"];
  readonly pieces?: readonly Uint8Array[];
  readonly slowly?: boolean;
  readonly end?: Talk["end"];
  readonly taken?: boolean;
}

/** Makes a case. A header of value "" is left out. */
export function makeCase(
  name: string,
  form: Form,
  method: DescMethodUnary,
  request: JsonObject,
  otherwise: Otherwise = {},
): Case {
  const headers = { ...headersOf(form, method), ...otherwise.headers };
  const sent = Object.entries(headers).filter(([, value]) => value !== "");
  return {
    name: `${form} ${method.name}: ${name}`,
    pieces: [bodyOf(form, method, request)],
    slowly: false,
    end: "stream",
    ...otherwise,
    headers: Object.fromEntries(sent),
  };
}

const permission = "swarming.pools.createTask";
const good: JsonObject = { permission, pool: "ci" };
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
};

const { revisionToken } = createState();
const newerToken = createState(undefined, 9n).revisionToken;
const foreignToken = revisionToken.replace(/^(.{4})./, "$1x");

const consistencies: readonly JsonObject[] = [
  {},
  { minimizeLatency: true },
  { minimizeLatency: false },
  { fullyConsistent: true },
  { fullyConsistent: false },
  { atLeastAsFresh: revisionToken },
  { atLeastAsFresh: newerToken },
  { atLeastAsFresh: foreignToken },
  { atLeastAsFresh: "nonsense" },
  { atExactRevision: "7" },
  { atExactRevision: "-1" },
];

const strangers: readonly Talk["headers"][] = [
  { authorization: "" },
  { authorization: "Bearer x" },
  { authorization: "Basic x" },
  { authorization: "bearer  " },
  { authorization: bearer(makeKey("user:nobody@example.com").token)["authorization"] ?? "" },
  { authorization: `${bearer(keys.ann.token)["authorization"]}x` },
  { authorization: (bearer(keys.ann.token)["authorization"] ?? "").toLowerCase() },
  { authorization: `BEARER  ${keys.ann.token}` },
  { authorization: [`Bearer ${keys.ann.token}`, `Bearer ${keys.ann.token}`] },
  { authorization: "Bearer a.b.c" },
];

const oddHeaders: readonly Talk["headers"][] = [
  { "content-type": "" },
  { "content-type": "text/plain" },
  { "content-type": "application/grpc+json" },
  { "content-type": "application/grpc-web+proto" },
  { "content-type": "application/grpc+proto" },
  { "content-type": "application/grpc+thrift" },
  { "content-type": "application/GRPC" },
  { "content-type": "Application/Json" },
  { "content-type": "application/json; charset=utf-8" },
  { "content-type": "application/json;charset=UTF-8" },
  { "content-type": "application/json; charset=latin1" },
  { "content-type": "application/json; x=y" },
  { "content-type": "application/proto; charset=utf-8" },
  { "content-type": "application/connect+proto" },
  { "content-type": "application/connect+json" },
  { ":method": "GET" },
  { ":method": "HEAD" },
  { ":method": "PUT" },
  { ":method": "OPTIONS" },
  { ":path": "/fleetgate.acl.v1.AclService/CheckPoolPerm?x=1" },
  { ":path": "/fleetgate.acl.v1.AclService/checkPoolPerm" },
  { ":path": "/fleetgate.acl.v1.AclService/NoSuchMethod" },
  { ":path": "/fleetgate.acl.v1.AclService/CheckPoolPerm/" },
  { ":path": "//fleetgate.acl.v1.AclService/CheckPoolPerm" },
  { ":path": "/" },
  { te: "" },
  { "accept-encoding": "gzip" },
  { "accept-encoding": "br, gzip" },
  { "accept-encoding": "identity" },
  { "accept-encoding": "zstd" },
  { "accept-encoding": ["identity", "gzip"] },
  { "grpc-accept-encoding": "gzip" },
  { "grpc-accept-encoding": "identity,deflate,gzip" },
  { "grpc-accept-encoding": "identity" },
  { "grpc-accept-encoding": " br" },
  { "grpc-accept-encoding": ["zstd", "gzip"] },
  { "grpc-encoding": ["identity", "identity"] },
  { "content-encoding": ["identity", "identity"] },
  { "grpc-encoding": "identity" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "zstd" },
  { "content-encoding": "identity" },
  { "content-encoding": "gzip" },
  { "content-encoding": "zstd" },
  { "connect-protocol-version": "1" },
  { "connect-protocol-version": "2" },
  { "x-request-id": "mine" },
  { "fleetgate-revision": "mine" },
  { cookie: "a=b" },
  { "user-agent": "grpc-node-js/1.0" },
  { expect: "100-continue" },
  { expect: "else" },
  { host: "evil.example.com" },
  { ":authority": "evil.example.com" },
  { "x-text": "ü ÿ" },
  { "grpc-timeout": ["1S", "2S"] },
  { "connect-timeout-ms": ["1", "2"] },
  { "content-length": "2000000" },
  { "content-length": "1" },
  { "content-length": "x" },
];

// None that may pass during a call: then the record says what was first.
const timeouts = ["10S", "60S", "61S", "60000m", "99999999u", "0S", "0n", "1H", "100000000n", "1M"];
const oddTimeouts = [
  "-1S",
  "S",
  "9s",
  " 9S",
  "9 S",
  "9S9S",
  "0",
  "10000",
  "60000",
  "60001",
  "12345678901",
  "9.5",
];

/** Bytes that are no good message, of gRPC or in themselves. */
const longText = Buffer.from("x".repeat(300));
const badBodies: readonly (readonly [string, Uint8Array])[] = [
  ["an unknown field", Buffer.from([0xb8, 0x3e, 0x01])],
  ["field 15, which is unknown", Buffer.from([0x78, 0x01])],
  ["a known field of another wire type", Buffer.from([0x08, 0x01])],
  ["a fixed64 for a text", Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8])],
  ["a text that is cut off", Buffer.from([0x0a, 0x05, 0x61])],
  ["a tag that is cut off", Buffer.from([0x80])],
  ["the tag 0", Buffer.from([0x00])],
  ["the wire type 7", Buffer.from([0x0f])],
  ["a group", Buffer.from([0x0b, 0x0c])],
  ["bad UTF-8", Buffer.from([0x12, 0x01, 0xff])],
  ["an overlong character", Buffer.from([0x12, 0x02, 0xc0, 0x80])],
  ["a surrogate", Buffer.from([0x12, 0x03, 0xed, 0xa0, 0x80])],
  ["a byte-order mark", Buffer.from([0x12, 0x03, 0xef, 0xbb, 0xbf])],
  ["a field that comes twice", Buffer.from([0x22, 0x01, 0x61, 0x22, 0x02, 0x63, 0x69])],
  ["an overlong length", Buffer.from([0x22, 0x82, 0x80, 0x80, 0x80, 0x00, 0x63, 0x69])],
  ["a length beyond 2^31", Buffer.from([0x22, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  ["an overlong tag", Buffer.from([0xa2, 0x80, 0x00, 0x02, 0x63, 0x69])],
  ["an empty submessage", Buffer.from([0x1a, 0x00])],
  ["two submessages", Buffer.from([0x1a, 0x02, 0x08, 0x01, 0x1a, 0x02, 0x18, 0x01])],
  ["a oneof set twice", Buffer.from([0x1a, 0x04, 0x08, 0x01, 0x18, 0x01])],
  ["a bool of two bytes", Buffer.from([0x1a, 0x03, 0x08, 0x80, 0x01])],
  ["an inner length beyond the outer one", Buffer.from([0x1a, 0x02, 0x12, 0x09, 0x61, 0x61])],
  ["an unknown field inside", Buffer.from([0x1a, 0x02, 0x28, 0x01])],
  ["a zero byte", Buffer.from([0x12, 0x01, 0x00])],
  ["a long text", Buffer.concat([Buffer.from([0x12, 0xac, 0x02]), longText])],
];

const badJson = [
  "",
  "{",
  "[]",
  "null",
  "1",
  '{"pol":"x"}',
  '{"pool":1}',
  '{"pool":null}',
  '{"pool":"\\ud800"}',
  '{"pool":"a","pool":"ci"}',
  '{"__proto__":1}',
  '{"consistency":{}}',
  '{"consistency":{"minimizeLatency":true,"fullyConsistent":true}}',
  '{"consistency":{"x":1}}',
  '\ufeff{"pool":"ci"}',
  ' {"permission":"swarming.pools.createTask","pool":"ci"} ',
  `{"pool":"${"x".repeat(5000)}"}`,
];

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
      }
      const [request = {}] = requests[method.name] ?? [];
      add("without a credential", request, { headers: { authorization: "" }, taken: true }, method);
      for (const consistency of consistencies) {
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
