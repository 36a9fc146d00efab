import { Code, ConnectError } from "@connectrpc/connect";
import type { Script, Step } from "../../support/scripted-server.ts";
import { answer, json, message, proto, respond, text, write, type Case } from "./case.ts";

const resetCodes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 77];
const breaks: readonly (readonly [name: string, step: Step])[] = [
  ...resetCodes.map((code) => [`reset ${code}`, { do: "reset", code }] as const),
  ["goaway 0 and the end of the connection", { do: "goaway", code: 0 }],
  ["goaway 2", { do: "goaway", code: 2 }],
  ["goaway 11", { do: "goaway", code: 11 }],
  ["the end of the connection", { do: "destroy" }],
  ["the connection cut off", { do: "cut" }],
];

/** Streams and connections that end before the answer does. */
export const endings: readonly Case[] = breaks.flatMap(([name, step]) => [
  { name: `${name} at once`, script: [step, { do: "destroy" }] },
  { name: `${name} after the headers`, script: [respond(200), step, { do: "destroy" }] },
  {
    name: `${name} in the message`,
    script: [respond(200), write(message.slice(0, 9)), step, { do: "destroy" }],
  },
  {
    name: `${name} in an error`,
    script: [respond(403, json), write(text("{")), step, { do: "destroy" }],
  },
  {
    name: `${name} in a message with its length`,
    script: [
      respond(200, { ...proto, "content-length": String(message.length) }),
      write(message.slice(0, 9)),
      step,
      { do: "destroy" },
    ],
  },
]);

/** Those that end after it. */
export const afterAll: readonly Case[] = breaks.map(([name, step]) => ({
  name: `${name} after the answer`,
  script: [...answer(200, proto, message), step],
}));

const own = new ConnectError("not wanted", Code.Aborted);
const reasons: readonly (readonly [string, unknown])[] = [
  ["nothing", new AbortController().signal.reason],
  ["an error", new Error("mine")],
  ["an error of connect", own],
  ["CANCELED", new ConnectError("mine", Code.Canceled)],
  ["a timeout", new DOMException("late", "TimeoutError")],
  ["a text", "text"],
];
const waiting: readonly (readonly [string, Script])[] = [
  ["for the headers", []],
  ["for the message", [respond(200)]],
  ["in the message", [respond(200), write(message.slice(0, 9))]],
  ["for the error", [respond(500, json)]],
];

/** Calls that their caller gives up. */
export const interruptions: readonly Case[] = [
  ...waiting.map(([name, script]) => ({ name: `the deadline ${name}`, script, timeoutMs: 100 })),
  ...reasons.map(([name, reason]) => ({
    name: `an abort with ${name} before the call`,
    script: answer(200, proto, message),
    abort: { when: "before", reason } as const,
  })),
  ...waiting.flatMap(([where, script]) =>
    reasons.map(([name, reason]) => ({
      name: `an abort with ${name} ${where}`,
      script,
      abort: { when: "asked", reason } as const,
    })),
  ),
  {
    name: "an error without a body that ever ends",
    script: [respond(502, { "content-type": "text/html" })],
  },
];
