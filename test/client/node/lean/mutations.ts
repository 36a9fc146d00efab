import * as fc from "fast-check";
import type { Script, Step } from "../../support/scripted-server.ts";
import type { Case } from "./case.ts";
import { corpus } from "./corpus.ts";

/** A change of a script. */
type Mutation = (script: Script) => Script;

const statuses = [200, 200, 201, 204, 304, 400, 403, 404, 429, 500, 503, 599];
const values = [
  "",
  "0",
  "5",
  "application/json",
  "application/proto",
  "application/proto;x",
  "gzip",
  "br",
  "identity",
  "a, b",
  "\u00e9\u00ff",
  "grpc-status",
];
const names = [
  "content-type",
  "content-encoding",
  "grpc-status",
  "trailer-x",
  "x-one",
  "set-cookie",
  "retry-after",
  "connect-content-encoding",
  "vary",
];

const headerChange: fc.Arbitrary<Mutation> = fc
  .tuple(fc.constantFrom(...names), fc.option(fc.constantFrom(...values)))
  .map(([name, value]) =>
    onHeaders((headers) => {
      const { [name]: _, ...others } = headers;
      return value === null ? others : { ...others, [name]: value };
    }),
  );

const statusChange: fc.Arbitrary<Mutation> = fc
  .constantFrom(...statuses)
  .map((status) => onHeaders((headers) => ({ ...headers, ":status": status })));

const byteChange: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(), fc.nat(255), fc.constantFrom("set", "cut", "add"))
  .map(([which, where, byte, how]) =>
    onWrite(which, (bytes) => {
      const at = bytes.length === 0 ? 0 : where % bytes.length;
      if (how === "cut") return bytes.subarray(0, at);
      const rest = bytes.subarray(how === "set" ? at + 1 : at);
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), rest]);
    }),
  );

const insertion: fc.Arbitrary<Mutation> = fc
  .tuple(
    fc.nat(),
    fc.oneof(
      fc.constantFrom<Step>({ do: "destroy" }, { do: "end" }),
      fc.constantFrom(0, 2, 5, 7, 8, 11).map((code): Step => ({ do: "reset", code })),
      fc.uint8Array({ maxLength: 40 }).map((bytes): Step => ({ do: "write", bytes })),
    ),
  )
  .map(([where, step]) => (script) => {
    // Before the headers connect takes the end for none and waits for the deadline (allowed.ts).
    const first = script.findIndex((one) => one.do === "respond") + 1;
    const at = first + (where % (script.length - first + 1));
    return [...script.slice(0, at), step, ...script.slice(at)];
  });

const repetition: fc.Arbitrary<Mutation> = fc.nat().map((which) => (script) => {
  const at = which % script.length;
  return [...script.slice(0, at), ...script.slice(at, at + 1), ...script.slice(at)];
});

const mutation = fc.oneof(headerChange, statusChange, byteChange, insertion, repetition);

// A connection that is cut off may take what was sent before with it, or not: each attempt may see another end.
const seeds = corpus.filter(
  ({ script, timeoutMs, abort }) =>
    timeoutMs === undefined &&
    abort === undefined &&
    script.some((step) => step.do === "respond") &&
    script.every((step) => step.do !== "cut") &&
    script.some((step) => step.do !== "respond" && step.do !== "write"),
);

/** Cases of the corpus with one to three changes. They always come to an end. */
export const mutatedCase: fc.Arbitrary<Case> = fc
  .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([{ name, script }, mutations]) => ({
    name: `${name}, changed`,
    timeoutMs: 2000,
    script: [...mutations.reduce<Script>((changed, one) => one(changed), script), { do: "end" }],
  }));

function onHeaders(
  change: (headers: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Mutation {
  return (script) =>
    script.map((step) =>
      step.do === "respond"
        ? { ...step, headers: change(step.headers) as typeof step.headers }
        : step,
    );
}

function onWrite(which: number, change: (bytes: Uint8Array) => Uint8Array): Mutation {
  return (script) => {
    const writes = script.filter((step) => step.do === "write");
    const chosen = writes[which % writes.length];
    return script.map((step) =>
      step.do === "write" && step === chosen ? { ...step, bytes: change(step.bytes) } : step,
    );
  };
}
