import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  root,
  lackingPrograms,
  makeFolder,
  run,
  runLine,
  succeeds,
  type BuiltClient,
  type MissingToolchain,
} from "./toolchain.ts";

/** Builds the example in Go with the code that this command of the page makes. */
export async function buildGo(command: string): Promise<BuiltClient | MissingToolchain> {
  const lacking = lackingPrograms(["go", "protoc", "protoc-gen-go", "protoc-gen-go-grpc"]);
  if (lacking !== undefined) return lacking;
  const folder = makeFolder();
  const home = join(folder, "src", "example.com", "tasks");
  const probe = join(folder, "src", "example.com", "probe");
  for (const made of [home, probe]) mkdirSync(made, { recursive: true });
  const sources = [process.env["GOPATH"] ?? "", "/usr/share/gocode"].filter((it) => it !== "");
  const env = { GO111MODULE: "off", GOPATH: [folder, ...sources].join(delimiter) };
  // Code that protoc-gen-go makes today panics on golang/protobuf before 1.4, where messages have no V2.
  const imports = [
    "google.golang.org/grpc",
    "google.golang.org/genproto/googleapis/rpc/errdetails",
  ];
  const lines = [...imports.map((it) => `_ "${it}"`), '"github.com/golang/protobuf/proto"'];
  const probeText = `package main\nimport (\n${lines.join("\n")}\n)\nvar _ = proto.MessageV2\nfunc main() {}\n`;
  writeFileSync(join(probe, "main.go"), probeText);
  if (!(await succeeds("go", ["build", "-o", join(folder, "probe"), "example.com/probe"], env))) {
    return { missing: "sources of grpc-go with golang/protobuf 1.4 or newer are not in GOPATH" };
  }
  await runLine(command, home);
  copyFileSync(join(root, "examples", "clients", "go", "main.go"), join(home, "main.go"));
  const program = join(folder, "check");
  await run("go", ["vet", "example.com/tasks"], env);
  await run("go", ["build", "-o", program, "example.com/tasks"], env);
  return {
    speaksTls: true,
    ask: async (url, keyFile, pool, trusting = "") =>
      run(program, [url, keyFile, pool], trusting === "" ? {} : { SSL_CERT_FILE: trusting }),
  };
}
