import { brotliCompressSync, gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { DomainError } from "../../../../src/domain/errors.ts";
import { toConnectError } from "../../../../src/rpc/errors.ts";
import {
  answer,
  end,
  failure,
  json,
  message,
  proto,
  readMaxBytes,
  respond,
  text,
  write,
  type Case,
} from "./case.ts";
import { afterAll, endings, interruptions } from "./endings.ts";

const denied = toConnectError(
  new DomainError("PERMISSION_DENIED", 'no for caller "user:é"', { caller: "user:é", pool: "p" }),
);
const deniedBytes = errorToJsonBytes(denied, {});

const messages: readonly Case[] = [
  { name: "a message", script: answer(200, proto, message) },
  {
    name: "a message with its length",
    script: answer(200, { ...proto, "content-length": String(message.length) }, message),
  },
  {
    name: "a message in three parts",
    script: answer(200, proto, message.slice(0, 1), message.slice(1, 5), message.slice(5)),
  },
  { name: "no byte", script: answer(200, proto) },
  { name: "headers alone", script: [respond(200, proto, true)] },
  {
    name: "an unknown field",
    script: answer(200, proto, Buffer.concat([message, text("\x7a\x01a")])),
  },
  { name: "half a message", script: answer(200, proto, message.slice(0, 7)) },
  { name: "what is no message", script: answer(200, proto, text("no message")) },
  { name: "a text that is no UTF-8", script: answer(200, proto, text("\x0a\x02").fill(0xff, 2)) },
  {
    name: "headers and trailers of all kinds",
    script: answer(
      200,
      {
        ...proto,
        "x-one": "1",
        "x-two": ["a", "b"],
        "set-cookie": ["c=1", "d=2"],
        "trailer-x": ["t", "u"],
        "trailer-set-cookie": "e=3",
        "trailer-trailer-y": "v",
        "x-empty": "",
        "x-latin": "caf\u00e9",
        date: "Sun, 22 Nov 2026 10:00:00 GMT",
        age: "1",
      },
      message,
    ),
  },
  {
    name: "trailers of HTTP/2",
    script: [respond(200), write(message), { do: "end", trailers: { "x-late": "1" } }],
  },
  {
    name: "something informational before",
    script: [
      { do: "inform", headers: { ":status": 103, link: "</a>" } },
      ...answer(200, proto, message),
    ],
  },
  ...[
    "Application/PROTO",
    "application/proto; charset=utf-8",
    "application/proto ",
    "application/json",
    "application/connect+proto",
    "application/grpc",
    "text/html",
    "",
  ].map((type) => ({
    name: `200 with content-type ${JSON.stringify(type)}`,
    script: answer(200, { "content-type": type }, message),
  })),
  { name: "200 without content-type", script: answer(200, {}, message) },
  { name: "204", script: answer(204, proto) },
  { name: "206", script: answer(206, proto, message) },
];

const encodings: readonly Case[] = [
  ...(
    [
      ["identity", message],
      ["IDENTITY", message],
      ["", message],
      ["gzip", gzipSync(message)],
      ["GZIP", gzipSync(message)],
      ["br", brotliCompressSync(message)],
      ["gzip", message],
      ["br", message],
      ["gzip", Buffer.alloc(0)],
      ["gzip", gzipSync(message).subarray(0, 20)],
      ["gzip", gzipSync(Buffer.alloc(readMaxBytes + 1))],
      ["br", brotliCompressSync(Buffer.alloc(readMaxBytes + 1))],
      ["zstd", message],
      ["gzip, gzip", message],
    ] as const
  ).map(([encoding, bytes], index) => ({
    name: `content-encoding ${JSON.stringify(encoding)}, ${index}`,
    script: answer(200, { ...proto, "content-encoding": encoding }, bytes),
  })),
  {
    name: "an error in gzip",
    script: answer(403, { ...json, "content-encoding": "gzip" }, gzipSync(deniedBytes)),
  },
  {
    name: "an error in an unknown encoding",
    script: answer(403, { ...json, "content-encoding": "zstd" }, deniedBytes),
  },
];

const codes = Object.values(Code).filter((code) => typeof code === "number");
const statuses = [300, 302, 400, 401, 403, 404, 408, 409, 413, 415, 429, 431, 499, 500, 501, 502];

const errors: readonly Case[] = [
  ...codes.map((code) => ({
    name: `the error ${Code[code]}`,
    script: answer(
      codeToHttpStatus(code),
      { ...json, "fleetgate-revision": "r", "trailer-x": "t" },
      errorToJsonBytes(new ConnectError("a text", code), {}),
    ),
  })),
  { name: "a denial", script: answer(403, json, deniedBytes) },
  {
    name: "a denial in two parts with its length",
    script: answer(
      403,
      { ...json, "content-length": String(deniedBytes.length) },
      deniedBytes.slice(0, 9),
      deniedBytes.slice(9),
    ),
  },
  ...[...statuses, 503, 504, 511].flatMap((status) => [
    {
      name: `${status} in HTML`,
      script: answer(status, { "content-type": "text/html" }, text("<p>")),
    },
    { name: `${status} in JSON without a code`, script: failure(status, { message: "m" }) },
  ]),
  { name: "403 alone", script: [respond(403, {}, true)] },
  { name: "403 in JSON alone", script: [respond(403, json, true)] },
  { name: "403 in binary", script: answer(403, proto, message) },
  {
    name: "403 of a stream",
    script: failure(403, {}, { "content-type": "application/connect+json" }),
  },
  { name: "403 of grpc", script: answer(403, { "content-type": "application/grpc" }) },
  ...[
    "application/json; charset=utf-8",
    "application/json;charset=utf8",
    "APPLICATION/JSON",
    "application/json; charset=latin1",
  ].map((type) => ({
    name: `an error of ${type}`,
    script: failure(403, { code: "aborted", message: "m" }, { "content-type": type }),
  })),
  ...[
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "1",
    {},
    { code: "no_such" },
    { code: 7 },
    { code: "Internal" },
    { code: "constructor" },
    { code: "aborted", message: 1 },
    { code: "aborted", message: null },
    { code: "aborted", message: "" },
    { code: "aborted", message: "é€😀\u0000\ud800" },
    { code: "aborted", other: 1, details: null },
    { code: "aborted", details: {} },
    { code: "aborted", details: [] },
    { code: "aborted", details: [null] },
    { code: "aborted", details: ["a"] },
    { code: "aborted", details: [[]] },
    { code: "aborted", details: [{ type: "t" }] },
    { code: "aborted", details: [{ type: 1, value: "" }] },
    { code: "aborted", details: [{ type: "t", value: "" }] },
    {
      code: "aborted",
      details: [
        { type: "t", value: "AQI" },
        { type: "u", value: "AQI=" },
      ],
    },
    { code: "aborted", details: [{ type: "t", value: "-_8" }] },
    { code: "aborted", details: [{ type: "t", value: "A" }] },
    { code: "aborted", details: [{ type: "t", value: "A Q\nI" }] },
    { code: "aborted", details: [{ type: "t", value: "é" }] },
    { code: "aborted", details: [{ type: "t", value: "AQI", debug: { a: [1] } }] },
    '{"code":"aborted","code":"internal"}',
    '\ufeff{"code":"aborted"}',
    '{"__proto__":{"code":"aborted"}}',
  ].map((body, index) => ({
    name: `the error ${index}: ${JSON.stringify(body)}`,
    script: failure(400, body),
  })),
  {
    name: "an error that is no UTF-8",
    script: answer(400, json, Buffer.from('{"code":"aborted","message":"\xff"}', "latin1")),
  },
];

const sizes: readonly Case[] = [
  {
    name: "as much as may be",
    script: answer(200, proto, Buffer.alloc(readMaxBytes, "\x0a\x01a")),
  },
  {
    name: "too much",
    script: [respond(200), write(Buffer.alloc(readMaxBytes)), write(Buffer.alloc(1)), end],
  },
  {
    name: "too much announced",
    script: [respond(200, { ...proto, "content-length": String(readMaxBytes + 1) })],
  },
  {
    name: "too much announced, of an error",
    script: [respond(500, { ...json, "content-length": String(readMaxBytes + 1) })],
  },
  {
    name: "too much of an error",
    script: [respond(500, json), write(Buffer.alloc(readMaxBytes + 1, " ")), end],
  },
];

/** Everything that a server may do, right and wrong. */
export const corpus: readonly Case[] = [
  ...messages,
  ...encodings,
  ...errors,
  ...endings,
  ...afterAll,
  ...sizes,
  ...interruptions,
];
