import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { Health } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../src/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../src/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { createHealth } from "../../src/server/health.ts";
import { createReflection } from "../../src/server/reflection.ts";
import { endAfter, servePublic } from "./support/serve-public.ts";

const timeout = 60_000;
const buf = fileURLToPath(new URL("../../node_modules/.bin/buf", import.meta.url));

function serve(t: TestContext): Promise<string> {
  const health = createHealth([AclService]);
  health.setServing(true);
  return servePublic(t, [health.service, ...createReflection([AclService, Health])]);
}

async function bufCurl(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(buf, ["curl", ...args], { timeout });
  return stdout;
}

describe("reflection as buf curl uses it", { timeout }, () => {
  for (const version of ["v1", "v1alpha"]) {
    it(`lists methods and calls one over gRPC with version ${version}`, async (t) => {
      const url = await serve(t);
      const flags = ["--http2-prior-knowledge", "--reflect-protocol", `grpc-${version}`];
      const methods = await bufCurl(...flags, "--list-methods", url);
      assert.match(methods, /^fleetgate\.acl\.v1\.AclService\/CheckPoolPerm$/m);
      assert.match(methods, /^grpc\.health\.v1\.Health\/Check$/m);
      assert.match(methods, /^grpc\.reflection\.v1\.ServerReflection\/ServerReflectionInfo$/m);
      const answer = await bufCurl(
        ...flags,
        "--protocol",
        "grpc",
        "-d",
        "{}",
        `${url}/grpc.health.v1.Health/Check`,
      );
      assert.deepEqual(JSON.parse(answer), { status: "SERVING" });
    });
  }
});

for (const Service of [ServerReflection, ServerReflectionAlpha]) {
  describe(Service.typeName, { timeout }, () => {
    it("answers many questions on one stream, and errors for what it does not know", async (t) => {
      const baseUrl = await serve(t);
      const sessionManager = new Http2SessionManager(baseUrl);
      endAfter(t, sessionManager);
      const transport = createGrpcTransport({ baseUrl, sessionManager });
      const client = createClient(Service as typeof ServerReflection, transport);
      const extension = { containingType: "google.protobuf.FieldOptions", extensionNumber: 1 };
      async function* questions() {
        yield { host: "h", messageRequest: { case: "listServices" as const, value: "" } };
        yield { messageRequest: { case: "fileByFilename" as const, value: "no.proto" } };
        yield {
          messageRequest: {
            case: "fileContainingSymbol" as const,
            value: "google.rpc.ErrorInfo",
          },
        };
        yield { messageRequest: { case: "fileContainingExtension" as const, value: extension } };
        yield {
          messageRequest: {
            case: "allExtensionNumbersOfType" as const,
            value: "fleetgate.acl.v1.CheckPoolPermRequest",
          },
        };
        yield {};
      }
      const answers = [];
      for await (const answer of client.serverReflectionInfo(questions())) answers.push(answer);
      assert.deepEqual(
        answers.map(({ messageResponse }) =>
          messageResponse.case === "errorResponse"
            ? messageResponse.value.errorCode
            : messageResponse.case,
        ),
        ["listServicesResponse", 5, "fileDescriptorResponse", 5, "allExtensionNumbersResponse", 3],
      );
      assert.equal(answers[0]?.validHost, "h");
      assert.equal(answers[1]?.originalRequest?.messageRequest.value, "no.proto");
    });
  });
}
