import { buildGo } from "./go-client.ts";
import { buildJava } from "./java-client.ts";
import { buildPython } from "./python-client.ts";
import type { BuiltClient, MissingToolchain } from "./toolchain.ts";

/** A way of docs/clients.md from the contract to a client. */
export interface ClientToolchain {
  readonly name: string;
  readonly build: () => Promise<BuiltClient | MissingToolchain>;
}

/** All ways of docs/clients.md. Where things lie can be said by GOPATH, CLASSPATH and FLEETGATE_TEST_PYTHON. */
export const clientToolchains: readonly ClientToolchain[] = [
  { name: "Go by buf", build: async () => buildGo("buf generate --template examples/clients/go/") },
  {
    name: "Go by protoc",
    build: async () => buildGo("protoc -I proto -I proto/third_party --go_out"),
  },
  { name: "Python by grpcio-tools", build: async () => buildPython("python -m grpc_tools.protoc") },
  {
    name: "Python by buf",
    build: async () => buildPython("buf generate --template examples/clients/python/"),
  },
  {
    name: "Java by buf",
    build: async () => buildJava("buf generate --template examples/clients/java/"),
  },
  {
    name: "Java by protoc",
    build: async () => buildJava("protoc -I proto -I proto/third_party --java_out"),
  },
];
