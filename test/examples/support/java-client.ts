import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import {
  root,
  findProgram,
  generateGoogle,
  lackingPrograms,
  makeFolder,
  run,
  runLine,
  succeeds,
  type BuiltClient,
  type MissingToolchain,
} from "./toolchain.ts";

/** Builds the example in Java with the code that this command of the page makes. */
export async function buildJava(command: string): Promise<BuiltClient | MissingToolchain> {
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
