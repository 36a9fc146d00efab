import { join } from "node:path";
import {
  root,
  generateGoogle,
  lackingPrograms,
  makeFolder,
  run,
  runLine,
  succeeds,
  type BuiltClient,
  type MissingToolchain,
} from "./toolchain.ts";

/** Builds the example in Python with the code that this command of the page makes. */
export async function buildPython(command: string): Promise<BuiltClient | MissingToolchain> {
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
