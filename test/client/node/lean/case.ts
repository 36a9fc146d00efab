import { create, toBinary } from "@bufbuild/protobuf";
import { CheckPoolPermResponseSchema } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Script, Step } from "../../support/scripted-server.ts";

/** What the caller does besides waiting. */
export interface Behaviour {
  /** 30 seconds unless set. */
  readonly timeoutMs?: number;
  /** Aborts with the reason before the call, or as soon as the server has the request. */
  readonly abort?: { readonly when: "before" | "asked"; readonly reason: unknown };
}

/** An answer, or what a server makes of one. */
export interface Case extends Behaviour {
  readonly name: string;
  readonly script: Script;
}

type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** What an answer of these tests may have at most. */
export const readMaxBytes = 100_000;

/** The UTF-8 bytes of a text. */
export const text = (value: string): Uint8Array => Buffer.from(value);
/** A response in binary, as it should be. */
export const message = toBinary(
  CheckPoolPermResponseSchema,
  create(CheckPoolPermResponseSchema, { revisionToken: "a token of a revision" }),
);
/** Headers of an answer with a message. */
export const proto = { "content-type": "application/proto" };
/** Headers of an answer with an error. */
export const json = { "content-type": "application/json" };

/** Sends headers; `end`: and ends the answer by them. */
export const respond = (status: number, headers: HeaderValues = proto, end = false): Step => ({
  do: "respond",
  headers: { ":status": status, ...(headers as Record<string, string>) },
  end,
});
/** Sends bytes. */
export const write = (bytes: Uint8Array): Step => ({ do: "write", bytes });
/** Ends the answer. */
export const end: Step = { do: "end" };
/** A whole answer, in as many pieces as there are chunks. */
export const answer = (status: number, headers: HeaderValues, ...chunks: Uint8Array[]): Script => [
  respond(status, headers),
  ...chunks.map(write),
  end,
];
/** A whole answer with an error: its body as text, or to be made JSON. */
export const failure = (status: number, body: unknown, headers: HeaderValues = json): Script =>
  answer(status, headers, typeof body === "string" ? text(body) : text(JSON.stringify(body)));
