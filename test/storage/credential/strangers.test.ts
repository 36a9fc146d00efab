import assert from "node:assert/strict";
import { it } from "node:test";
import { inCredentialTransaction } from "../../../src/storage/credential/transaction.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { hasReason } from "../../support/errors.ts";

it("U46 CH12 strangers from any number of addresses keep no peer from its writes", async () => {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  const execute = async (use: () => Promise<unknown>) => use();
  const storage = {
    db: { transaction: () => ({ setIsolationLevel: () => ({ execute }) }) },
  } as unknown as Storage;
  const strangers = Array.from({ length: 1_100 }, (_, index) =>
    inCredentialTransaction(storage, { stranger: `192.0.2.${index}` }, () => gone),
  );
  const settled = Promise.allSettled(strangers);
  // At once, while as many strangers wait as may.
  assert.equal(
    await inCredentialTransaction(storage, { peer: "bot:b1" }, () => Promise.resolve("written")),
    "written",
  );
  await assert.rejects(
    inCredentialTransaction(storage, { stranger: "192.0.2.9999" }, () => gone),
    hasReason("LIMIT_EXCEEDED", { limit: "credential_writers" }),
  );
  letGo();
  const { length } = (await settled).filter(({ status }) => status === "fulfilled");
  assert.equal(length, 1_006);
});
