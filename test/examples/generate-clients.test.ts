import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  type CodeGeneratorRequest,
  type FileOptions,
} from "@bufbuild/protobuf/wkt";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..", "..");
const docs = readFileSync(join(root, "docs", "clients.md"), "utf8");
const acl = "fleetgate/acl/v1/acl_service.proto";
const rpcStatus = "google/rpc/status.proto";

/** What the docs promise of the generated code of a language: options of our files and of Google's. */
interface Language {
  readonly name: string;
  /** Beside the template; test/examples/run-clients.test.ts runs it. */
  readonly program: string;
  readonly ours: Partial<FileOptions>;
  readonly google: Partial<FileOptions>;
}

const languages: readonly Language[] = [
  {
    name: "go",
    program: "main.go",
    ours: { goPackage: "example.com/tasks/gen/fleetgate/acl/v1;aclv1" },
    google: { goPackage: "google.golang.org/genproto/googleapis/rpc/status;status" },
  },
  {
    name: "java",
    program: "Check.java",
    ours: { javaPackage: "com.example.fleetgate.acl.v1", javaMultipleFiles: true },
    google: { javaPackage: "com.google.rpc", javaMultipleFiles: true },
  },
  { name: "python", program: "check.py", ours: {}, google: {} },
];

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const { name, program, ours, google } of languages) {
  describe(`the template for ${name}`, () => {
    const path = `examples/clients/${name}/buf.gen.yaml`;

    let requests: readonly CodeGeneratorRequest[] = [];
    before(() => {
      requests = generate(path);
    });

    test("asks every plugin for all our files and none of others, with every import", () => {
      const asked = new Set(requests.flatMap(({ fileToGenerate }) => fileToGenerate));
      const wanted = readdirSync(join(root, "proto", "fleetgate"), {
        recursive: true,
        encoding: "utf8",
      })
        .filter((file) => file.endsWith(".proto"))
        .map((file) => `fleetgate/${file}`);
      assert.deepEqual([...asked].toSorted(), wanted.toSorted());
      for (const { protoFile } of requests) {
        const present = new Set(protoFile.map((file) => file.name));
        const missing = protoFile
          .flatMap((file) => file.dependency)
          .filter((it) => !present.has(it));
        assert.deepEqual(missing, []);
      }
    });

    test("gives our files the packages that the docs name, and leaves those of Google", () => {
      const files = requests.flatMap(({ protoFile }) => protoFile);
      for (const [file, options] of [
        [acl, ours],
        [rpcStatus, google],
      ] as const) {
        const found = files.find((it) => it.name === file)?.options;
        for (const [option, value] of Object.entries(options)) {
          assert.equal(found?.[option as keyof FileOptions], value, `${file}: ${option}`);
        }
      }
      for (const value of Object.values(ours)) {
        if (typeof value === "string") {
          assert.ok(docs.includes(value.split(";")[0]!), `docs/clients.md does not say ${value}`);
        }
      }
    });

    test("is the one that the docs run", () => {
      assert.ok(docs.includes(`buf generate --template ${path}`));
    });

    test("comes with a program that the docs show as it is", () => {
      const text = readFileSync(join(root, "examples", "clients", name, program), "utf8");
      const shown = docs.split(`\`\`\`${name}\n`).slice(1);
      assert.deepEqual(
        shown.map((it) => it.slice(0, it.indexOf("```"))),
        [text],
      );
    });
  });
}

test("protoc alone generates Python and Java as the docs say", (context) => {
  const folder = temporary();
  writeFileSync(
    join(folder, "probe.proto"),
    'syntax = "proto3"; import "google/protobuf/any.proto";',
  );
  const probe = spawnSync("protoc", ["-I", folder, "-o", join(folder, "probe"), "probe.proto"]);
  if (probe.status !== 0) {
    context.skip("protoc with its well-known types is not installed");
    return;
  }
  for (const language of ["python", "java"]) {
    const line = docs
      .split("\n")
      .find(
        (it) => /^(python -m grpc_tools\.)?protoc /.test(it) && it.includes(`--${language}_out`),
      );
    assert.ok(line !== undefined, `docs/clients.md has no protoc for ${language}`);
    // The plugins of gRPC are no part of protoc.
    const command = line
      .replace("python -m grpc_tools.", "")
      .replaceAll(/ --grpc(_python|-java)_out=\S+/g, "");
    const target = join(folder, language);
    mkdirSync(target);
    run("sh", ["-c", command.replace(`--${language}_out=gen`, `--${language}_out=${target}`)]);
    const files = readdirSync(target, { recursive: true, encoding: "utf8" });
    assert.ok(
      files.some((file) => /acl_service_pb2\.py$|AclServiceOuterClass\.java$/.test(file)),
      language,
    );
  }
  if (spawnSync("python3", ["--version"]).error === undefined) {
    run("python3", ["-m", "compileall", "-q", join(folder, "python")]);
  }
});

test("the generated code of the connect example is that of its contract", () => {
  const template = JSON.parse(
    JSON.stringify(parse(readFileSync(join(root, "examples/connect/buf.gen.yaml"), "utf8"))),
  ) as { readonly plugins: readonly object[] };
  const folder = temporary();
  run("buf", [
    "generate",
    "examples/connect/proto",
    "--template",
    JSON.stringify(template),
    "-o",
    folder,
  ]);
  const file = "examples/connect/gen/tasks/v1/task_service_pb.ts";
  assert.equal(
    readFileSync(join(root, file), "utf8"),
    readFileSync(join(folder, file), "utf8"),
    "run the command that examples/connect/buf.gen.yaml names",
  );
});

/** What the plugins of a template are asked, by a plugin that stands for each of them. */
function generate(path: string): readonly CodeGeneratorRequest[] {
  const folder = temporary();
  const template = parse(readFileSync(join(root, path), "utf8")) as {
    readonly plugins: readonly { readonly out: string }[];
  };
  const local = [process.execPath, join(import.meta.dirname, "support", "dump-plugin.ts"), folder];
  const plugins = template.plugins.map(({ out }) => ({ local, out }));
  run("buf", [
    "generate",
    "--template",
    JSON.stringify({ ...template, plugins }),
    "-o",
    join(folder, "out"),
  ]);
  const dumps = readdirSync(folder).filter((name) => name.endsWith(".bin"));
  assert.ok(dumps.length >= template.plugins.length);
  return dumps.map((name) =>
    fromBinary(CodeGeneratorRequestSchema, readFileSync(join(folder, name))),
  );
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-generate-"));
  folders.push(folder);
  return folder;
}

function run(program: string, args: readonly string[]): void {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const { status, stderr, error } = spawnSync(program, args, { cwd: root, env, encoding: "utf8" });
  assert.equal(error, undefined);
  assert.equal(status, 0, `${program} exited with ${status}: ${stderr}`);
}
