import { Buffer } from "node:buffer";
import type { JsonObject } from "@bufbuild/protobuf";
import { bearer } from "../../support/bench.ts";
import { makeKey } from "../../support/keys.ts";
import { createState, keys } from "../../support/world.ts";
import type { Talk } from "./talk.ts";

// What calls may have that is odd: who asks, what for, headers, deadlines and bodies.

const { revisionToken } = createState();
const newerToken = createState(undefined, 9n).revisionToken;
const foreignToken = revisionToken.replace(/^(.{4})./, "$1x");

/** What `consistency` may say in JSON. */
export const consistencies: readonly JsonObject[] = [
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

/** The headers of peers that are not let in. */
export const strangers: readonly Talk["headers"][] = [
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

/** Headers that replace those of a good call. */
export const oddHeaders: readonly Talk["headers"][] = [
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
export const timeouts = [
  "10S",
  "60S",
  "61S",
  "60000m",
  "99999999u",
  "0S",
  "0n",
  "1H",
  "100000000n",
  "1M",
];
/** Deadlines that are malformed in one protocol or in both, or too long. */
export const oddTimeouts = [
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
/** Messages in binary that cannot be read, or not by everybody. */
export const badBodies: readonly (readonly [string, Uint8Array])[] = [
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

/** The same in JSON. */
export const badJson = [
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
