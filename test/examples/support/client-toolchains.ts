import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after } from "node:test";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "clients.md"), "utf8");

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An example of docs/clients.md, built as the page says. */
export interface BuiltClient {
  /** Runs it to its end, and returns what it prints. */
  readonly ask: (url: string, keyFile: string, pool: string, trusting?: string) => Promise<string>;
  /** Whether it can be told by the environment whom to trust. */
  readonly speaksTls: boolean;
}

/** Why an example cannot be built on this machine. */
export interface MissingToolchain {
  readonly missing: string;
}

/** A way of docs/clients.md from the contract to a client. */
export interface ClientToolchain {
  readonly name: string;
  readonly build: () => Promise<BuiltClient | MissingToolchain>;
}

type Environment = Readonly<Record<string, string>>;

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

async function buildGo(command: string): Promise<BuiltClient | MissingToolchain> {
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

async function buildPython(command: string): Promise<BuiltClient | MissingToolchain> {
  const interpreters = [process.env["FLEETGATE_TEST_PYTHON"] ?? "", "python3", "/usr/bin/python3"];
  const python = await firstThat(interpreters, async (it) => imports(it, "grpc, google.protobuf"));
  if (python === undefined) return { missing: "no Python with grpcio and protobuf" };
  const hasGoogle = await imports(python, "google.rpc.error_details_pb2, google.rpc.status_pb2");
  const folder = makeFolder();
  const gen = join(folder, "gen");
  if (command.startsWith("python")) {
    if (!hasGoogle || !(await imports(python, "grpc_tools.protoc"))) {
      return { missing: "this Python has not both grpcio-tools and googleapis-common-protos" };
    }
  } else {
    const lacking = lackingPrograms(["protoc", "grpc_python_plugin"]);
    if (lacking !== undefined) return lacking;
  }
  await runLine(command, folder, python);
  if (!hasGoogle) await generateGoogle("python", gen);
  const program = join(root, "examples", "clients", "python", "check.py");
  return {
    speaksTls: true,
    ask: async (url, keyFile, pool, trusting = "") =>
      run(python, [program, url, keyFile, pool], {
        PYTHONPATH: gen,
        PYTHONDONTWRITEBYTECODE: "1",
        ...(trusting === "" ? {} : { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: trusting }),
      }),
  };
}

async function buildJava(command: string): Promise<BuiltClient | MissingToolchain> {
  const plugin = findProgram("protoc-gen-grpc-java") ?? findProgram("grpc_java_plugin");
  const lacking = lackingPrograms(["java", "javac", "protoc"]);
  if (lacking !== undefined) return lacking;
  if (plugin === undefined) return { missing: "protoc-gen-grpc-java is not in PATH" };
  const folder = makeFolder();
  const classPath = process.env["CLASSPATH"] ?? installedJars().join(delimiter);
  const compiles = async (...types: readonly string[]): Promise<boolean> => {
    const text = types.map((type) => `import ${type};`).join(" ");
    writeFileSync(join(folder, "Probe.java"), `${text} class Probe {}\n`);
    return succeeds("javac", ["-cp", classPath, "-d", folder, join(folder, "Probe.java")], {});
  };
  const wanted = [
    "io.grpc.TlsChannelCredentials",
    "io.grpc.netty.NettyChannelBuilder",
    "io.grpc.protobuf.StatusProto",
    "io.grpc.stub.MetadataUtils",
    "javax.annotation.Generated",
  ];
  if (!(await compiles(...wanted))) return { missing: "the jars of gRPC are not in CLASSPATH" };
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(plugin, join(bin, "protoc-gen-grpc-java"));
  await runLine(command, folder, "python3", bin);
  if (!(await compiles("com.google.rpc.ErrorInfo")))
    await generateGoogle("java", join(folder, "gen"));
  // What the page says of code that protoc alone makes.
  const text = readFileSync(join(root, "examples", "clients", "java", "Check.java"), "utf8");
  const byProtoc = text
    .replace("com.example.fleetgate.acl.v1.Check", "fleetgate.acl.v1.AclServiceOuterClass.Check")
    .replace("com.example.fleetgate", "fleetgate");
  writeFileSync(join(folder, "Check.java"), command.startsWith("buf") ? text : byProtoc);
  const [gen, classes] = [join(folder, "gen"), join(folder, "classes")];
  await run(
    "javac",
    ["-cp", classPath, "-sourcepath", gen, "-d", classes, join(folder, "Check.java")],
    {},
  );
  const running = ["-cp", [classes, classPath].join(delimiter), "Check"];
  return {
    // A JVM trusts a key store of its own, and TLS wants more jars.
    speaksTls: false,
    ask: async (url, keyFile, pool) => run("java", [...running, url, keyFile, pool], {}),
  };
}

/** The jars of gRPC and of what it wants, where systems that install jars put them. */
function installedJars(): readonly string[] {
  const folder = "/usr/share/java";
  if (!existsSync(folder)) return [];
  const wanted =
    /^(grpc-\w+|grpc-protobuf-lite|protobuf|guava|failureaccess|gson|netty-.+|perfmark-api|.*annotation.*)\.jar$/;
  return readdirSync(folder)
    .filter((name) => wanted.test(name) && !/-\d/.test(name.replace("annotation-1.3-spec", "")))
    .map((name) => join(folder, name));
}

/** Google's own types, for machines where the package that has them is missing or too old. */
async function generateGoogle(language: "java" | "python", gen: string): Promise<void> {
  const files = ["google/rpc/status.proto", "google/rpc/error_details.proto"];
  await run("protoc", ["-I", "proto/third_party", `--${language}_out=${gen}`, ...files], {});
}

/** Runs the line of the page that begins so, in a checkout, but writes to `folder`. */
async function runLine(begin: string, folder: string, python = "python3", bin = ""): Promise<void> {
  const lines = page.split("\n").filter((it) => it.startsWith(begin));
  if (lines.length !== 1) throw new Error(`docs/clients.md has ${lines.length} lines "${begin}…"`);
  const gen = join(folder, "gen");
  mkdirSync(gen, { recursive: true });
  const line = (lines[0] ?? "")
    .replace(/^python /, `${python} `)
    .replaceAll("_out=gen", `_out=${gen}`);
  const target = line.startsWith("buf ") ? ` -o ${folder}` : "";
  await run("sh", ["-c", `${line}${target}`], {}, bin);
}

async function imports(python: string, modules: string): Promise<boolean> {
  return python !== "" && succeeds(python, ["-c", `import ${modules}`], {});
}

async function firstThat<T>(
  values: readonly T[],
  holds: (value: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const value of values) if (await holds(value)) return value;
  return undefined;
}

function lackingPrograms(names: readonly string[]): MissingToolchain | undefined {
  const lacking = names.filter((name) => findProgram(name) === undefined);
  return lacking.length === 0 ? undefined : { missing: `${lacking.join(", ")} not in PATH` };
}

function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

async function succeeds(
  program: string,
  args: readonly string[],
  env: Environment,
): Promise<boolean> {
  return run(program, args, env).then(
    () => true,
    () => false,
  );
}

async function run(
  program: string,
  args: readonly string[],
  env: Environment,
  bin = "",
): Promise<string> {
  const path = [bin, join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""];
  const options = {
    cwd: root,
    env: { ...process.env, PATH: path.filter((it) => it !== "").join(delimiter), ...env },
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`${program}: ${error.message}\n${stderr}`));
    });
  });
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fleetgate-clients-"));
  folders.push(folder);
  return folder;
}
