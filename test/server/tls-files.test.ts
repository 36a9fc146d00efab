import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { OptionsError } from "../../src/server/options-error.ts";
import { readTlsFiles } from "../../src/server/tls-files.ts";
import { openTestListener, testTlsFiles } from "./support/test-listener.ts";

const { certFile, keyFile } = testTlsFiles;
const mismatch =
  "tls_cert_file and tls_key_file: must be a certificate and its private key without a passphrase, both PEM";
const missing = (option: string): string =>
  `${option}: the file cannot be read: there is no such file`;

describe("readTlsFiles", () => {
  it("gives the certificate and the key", () => {
    const { identity } = readTlsFiles(testTlsFiles);
    assert.deepEqual(
      [identity.cert, identity.key],
      [readFileSync(certFile), readFileSync(keyFile)],
    );
  });

  for (const [what, files, problems] of [
    ["swapped", { certFile: keyFile, keyFile: certFile }, [mismatch]],
    ["no PEM", { certFile: import.meta.filename, keyFile }, [mismatch]],
    [
      "missing, both, without their paths",
      { certFile: "/nowhere/a", keyFile: "/nowhere/b" },
      [missing("tls_cert_file"), missing("tls_key_file")],
    ],
    [
      "directories",
      { certFile, keyFile: dirname(keyFile) },
      ["tls_key_file: the file cannot be read: it is a directory"],
    ],
  ] as const) {
    it(`refuses files that are ${what}`, () => {
      assert.throws(() => readTlsFiles(files), new OptionsError(problems));
    });
  }
});

describe("openListener", () => {
  it("does not open with TLS files that cannot be used", async (t) => {
    const tls = { certFile: keyFile, keyFile: certFile };
    await assert.rejects(openTestListener(t, { tls }), OptionsError);
  });
});
