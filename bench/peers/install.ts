import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// The peers are a package of their own: Fleetgate neither needs nor installs them.

const folder = fileURLToPath(new URL("./", import.meta.url));
const require = createRequire(new URL("./package.json", import.meta.url));

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The names and versions of the peers, as the package says. */
export function listPeers(): Readonly<Record<string, string>> {
  const { dependencies, optionalDependencies } = readManifest(`${folder}package.json`);
  return { ...dependencies, ...optionalDependencies };
}

/** Installs the peers if they are not there in these versions. Says first what it installs. */
export async function installPeers(say: (text: string) => void): Promise<void> {
  const peers = Object.entries(listPeers());
  const missing = peers.filter(([name, version]) => installedVersion(name) !== version);
  const wanted = missing.filter(([name]) => !isOptional(name) || suitsThisSystem(name));
  if (wanted.length === 0) return;
  const list = peers.map(([name, version]) => `${name} ${version}`).join(", ");
  say(`npm ci in bench/peers installs ${list}`);
  const npm = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    npm.once("error", reject);
    npm.once("exit", resolve);
  });
  if (code !== 0) throw new Error("npm ci in bench/peers failed");
}

/** Imports a peer. The type is the caller's word for as much of it as is used. */
export async function importPeer<T>(name: string): Promise<T> {
  const module = (await import(require.resolve(name))) as T;
  return module;
}

/** Whether Cerbos can run on this system. */
export function hasCerbos(): boolean {
  return existsSync(cerbosProgram());
}

/** Where its program is, if it was installed. */
export function cerbosProgram(): string {
  const name = cerbosPackage();
  return `${folder}node_modules/${name}/${name.replace("@cerbos/", "")}`;
}

function cerbosPackage(): string {
  return `@cerbos/cerbos-${process.platform}-${process.arch}`;
}

function isOptional(name: string): boolean {
  return name.startsWith("@cerbos/");
}

function suitsThisSystem(name: string): boolean {
  return name === cerbosPackage();
}

function installedVersion(name: string): string | undefined {
  const path = `${folder}node_modules/${name}/package.json`;
  return existsSync(path) ? readManifest(path).version : undefined;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}
