import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { createAnswerCheck } from "../../../bench/peers/load/check-answer.ts";
import type { Answer } from "../../../bench/peers/load/lean-session.ts";
import type { AnswerKind, RequestSet, Wire } from "../../../bench/peers/messages.ts";
import { frame } from "../../../bench/peers/world/request-sets.ts";
import {
  BatchCheckPackedResponseSchema,
  BatchCheckResponseSchema,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";

const wanted = [1, 0, 0, 1, 0, 0, 0, 0, 1];

function check(answer: AnswerKind, wire: Wire, expected: readonly (readonly number[])[]) {
  const set: RequestSet = {
    ...{ path: "/", wire, answer, bodies: expected.map(() => new Uint8Array()) },
    expected: expected.map((list) => Uint8Array.from(list)),
  };
  return createAnswerCheck(set, answer);
}

function answerOf(http: string, grpc: string, message: Uint8Array = new Uint8Array()): Answer {
  return { http, grpc, failure: "", body: Buffer.from(frame(message)) };
}

/** The message that says of each check what it came to. */
const encoders: Readonly<Record<string, (answers: readonly number[], id: string) => Uint8Array>> = {
  batch: (answers) =>
    toBinary(
      BatchCheckResponseSchema,
      create(BatchCheckResponseSchema, {
        outcomes: answers.map((one) => ({ status: { code: one === 1 ? 0 : 7 } })),
      }),
    ),
  packed: (answers) => {
    const permitted = new Uint8Array(Math.ceil(answers.length / 8));
    answers.forEach((one, index) => {
      permitted[index >> 3] = (permitted[index >> 3] ?? 0) | (one << (index & 7));
    });
    return toBinary(
      BatchCheckPackedResponseSchema,
      create(BatchCheckPackedResponseSchema, { permitted }),
    );
  },
  cerbos: (answers, id) => {
    const writer = new BinaryWriter();
    for (const one of answers) {
      writer.tag(2, WireType.LengthDelimited).fork();
      writer.tag(2, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string("action");
      writer.tag(2, WireType.Varint).int32(one === 1 ? 1 : 2);
      writer.join().join();
    }
    return writer.tag(3, WireType.LengthDelimited).string(id).finish();
  },
};

describe("createAnswerCheck", () => {
  test("wants the status of each check over each protocol", () => {
    const grpc = check("status", "gRPC", [[1], [0]]);
    assert.equal(grpc(answerOf("200", "0"), 0), undefined);
    assert.equal(grpc(answerOf("200", "7"), 1), undefined);
    assert.match(String(grpc(answerOf("200", "7"), 0)), /status 200\/7, not 200\/0/);
    assert.match(String(grpc(answerOf("200", "13"), 1)), /not 200\/7/);
    const connect = check("status", "Connect", [[1], [0]]);
    assert.equal(connect(answerOf("200", ""), 0), undefined);
    assert.equal(connect(answerOf("403", ""), 1), undefined);
    assert.match(String(connect(answerOf("403", ""), 0)), /not 200/);
  });

  for (const [kind, encode] of Object.entries(encoders)) {
    test(`wants every check of a ${kind} answered as expected, first and later`, () => {
      const look = check(kind as AnswerKind, "gRPC", [wanted, wanted]);
      const answer = (answers: readonly number[], id: string): Answer =>
        answerOf("200", "0", encode(answers, id));
      assert.equal(look(answer(wanted, "id-1"), 0), undefined);
      assert.equal(look(answer(wanted, "id-2"), 0), undefined);
      wanted.forEach((_, flipped) => {
        const wrong = wanted.map((one, index) => (index === flipped ? 1 - one : one));
        for (const request of [0, 1]) {
          assert.match(String(look(answer(wrong, "id-3"), request)), /otherwise than expected/);
        }
      });
      assert.match(String(look(answer(wanted.slice(1), "id-4"), 0)), /otherwise/);
      assert.match(String(look(answerOf("200", "8"), 0)), /200\/8/);
      assert.match(String(look({ ...answer(wanted, "id-5"), failure: "reset" }, 0)), /reset/);
    });
  }
});
