import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { maxPageSize } from "../../../src/commands/page-size.ts";
import { bearer, type Reply } from "../support/bench.ts";
import { openInspectBench } from "./support/inspect-bench.ts";
import { askOne, large, lists, reader, state } from "./support/inspect-lists.ts";
import { askers, inspectState } from "./support/inspect-world.ts";

const administrator = bearer(askers.administrator.token);

describe("lists of InspectService", () => {
  const bench = openInspectBench(state);

  for (const list of lists) {
    const { name } = list.method;

    it(`${name}: pages of any size are together what the engine lists, each once`, async () => {
      const whole = list.whole();
      assert.ok(whole.length > 40, `${whole.length}`);
      const property = fc.asyncProperty(
        fc.integer({ min: 1, max: whole.length + 5 }),
        fc.nat(5),
        async (pageSize, wire) => {
          const found: unknown[] = [];
          let pages = 0;
          for (let pageToken = "", more = true; more; pages += 1) {
            const request = { ...list.request, pageSize, pageToken };
            const reply = await askOne(bench(), list, request, reader, wire);
            const page = reply.response as Readonly<Record<string, unknown>>;
            const entries = (page[list.field] ?? []) as readonly unknown[];
            assert.equal(page["totalSize"], whole.length);
            assert.equal(page["revisionToken"], state.revisionToken);
            assert.ok(entries.length <= pageSize);
            found.push(...entries);
            pageToken = (page["nextPageToken"] ?? "") as string;
            more = pageToken !== "";
            assert.equal(entries.length === pageSize || !more, true);
          }
          assert.deepEqual(found, whole);
          assert.equal(pages, Math.ceil(whole.length / pageSize));
        },
      );
      await fc.assert(property, { numRuns: 12 });
    });

    it(`${name}: a page token serves its peer, its query and its revision only`, async () => {
      const first = await askOne(bench(), list, { ...list.request, pageSize: 7 });
      const { nextPageToken } = first.response as { readonly nextPageToken: string };
      const next = { ...list.request, pageSize: 3, pageToken: nextPageToken };
      assert.equal((await askOne(bench(), list, next)).code, "ok");

      const refused: Reply[] = [
        await askOne(bench(), list, next, administrator),
        await askOne(bench(), list, { ...next, ...list.other }),
        await askOne(bench(), list, { ...next, pageToken: `${nextPageToken}A` }),
        await askOne(bench(), list, { ...next, pageToken: nextPageToken.replace(/^./, "_") }),
        await askOne(bench(), list, { ...next, pageToken: "10" }),
      ];
      for (const other of lists) {
        if (other === list) continue;
        refused.push(await askOne(bench(), other, { ...other.request, pageToken: nextPageToken }));
      }
      // Another revision, and the same one in a history that took the place of this one.
      bench().replica.state = inspectState(large, 8n);
      refused.push(await askOne(bench(), list, next));
      bench().replica.state = { ...state, revisionToken: `${state.revisionToken}-other` };
      refused.push(await askOne(bench(), list, next));
      for (const [index, reply] of refused.entries()) {
        assert.equal(reply.code, "invalid_argument", `${index}`);
        assert.equal(reply.reason, "PAGE_TOKEN_INVALID", `${index}`);
      }
      bench().replica.state = state;
      assert.equal((await askOne(bench(), list, next)).code, "ok");
    });

    it(`${name}: a page may have 1 to ${maxPageSize} entries, 100 unless asked, never less than none`, async () => {
      const whole = list.whole();
      const sizeOf = async (pageSize: number): Promise<number> => {
        const reply = await askOne(bench(), list, { ...list.request, pageSize });
        const page = reply.response as Readonly<Record<string, readonly unknown[]>>;
        return page[list.field]?.length ?? 0;
      };
      assert.equal(await sizeOf(0), Math.min(100, whole.length));
      assert.equal(await sizeOf(1), 1);
      assert.equal(await sizeOf(2_147_483_647), whole.length);
      const negative = await askOne(bench(), list, { ...list.request, pageSize: -1 });
      assert.equal(negative.metadata["field"], "page_size");
    });

    it(`${name}: answers from as fresh a snapshot as asked, or is UNAVAILABLE`, async () => {
      const fully = { requirement: { case: "fullyConsistent", value: true } };
      const request = { ...list.request, consistency: fully };
      bench().replica.next = inspectState(large, 8n);
      const fresh = await askOne(bench(), list, request);
      const { revisionToken } = fresh.response as { readonly revisionToken: string };
      assert.equal(revisionToken, inspectState(large, 8n).revisionToken);
      bench().replica.failure = new Error("storage is down");
      for (const failed of [fully, { requirement: { case: "fullyConsistent", value: false } }]) {
        const reply = await askOne(bench(), list, { ...request, consistency: failed });
        assert.equal(
          reply.reason,
          failed === fully ? "STORAGE_UNAVAILABLE" : "INVALID_FIELD",
          reply.message,
        );
      }
      bench().replica.state = undefined;
      assert.equal((await askOne(bench(), list, list.request)).code, "unavailable");
    });
  }
});
