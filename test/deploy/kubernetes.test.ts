import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { readServerOptions } from "../../src/server/options.ts";
import { root } from "../e2e/support/processes.ts";

const folder = join(root, "deploy", "kubernetes");

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme: string };
}
interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}
interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly Mount[];
}
interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly volumes: readonly { readonly name: string }[];
}
interface Workload {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

function read(file: string): unknown {
  return parse(readFileSync(join(folder, file), "utf8"));
}

function readWorkload(file: string): Workload {
  return read(file) as Workload;
}

const { spec: pod } = readWorkload("deployment.yaml").spec.template;
const [container] = pod.containers;
const optionsText = readFileSync(join(folder, "fleetgate.server.yaml"), "utf8");
const options = readServerOptions({
  env: { DATABASE_URL: "postgres://runtime@db/fleetgate" },
  file: { path: "fleetgate.server.yaml", text: optionsText },
  flags: {},
});

describe("the Kubernetes manifests", () => {
  it("are YAML with a kind and a name, and all are in the kustomization but the job", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    const listed = (read("kustomization.yaml") as { readonly resources: readonly string[] })
      .resources;
    const apart = ["fleetgate.server.yaml", "kustomization.yaml", "migrate-job.yaml"];
    assert.deepEqual([...listed, ...apart].toSorted(), files.toSorted());
    for (const file of [...listed, "migrate-job.yaml"]) {
      for (const document of parseAllDocuments(readFileSync(join(folder, file), "utf8"))) {
        assert.deepEqual(document.errors, [], file);
        const { kind, metadata } = document.toJS() as Record<string, Record<string, string>>;
        assert.ok(kind, file);
        assert.ok(metadata?.["name"] ?? metadata?.["generateName"], file);
      }
    }
  });

  it("serve where the options say, with the options that the server takes", () => {
    const ports = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    assert.equal(options.listen.port, ports.get("rpc"));
    assert.equal(options.metrics?.port, ports.get("metrics"));
    assert.equal(options.listen.host, "0.0.0.0");
    const [command, flag, path = ""] = container.args;
    assert.deepEqual([command, flag], ["serve", "--options"]);
    const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
    const { tls } = options;
    assert.ok(tls !== undefined && "certFile" in tls);
    for (const file of [path, tls.certFile, tls.keyFile]) {
      assert.ok(
        mounted.some((mountPath) => file.startsWith(`${mountPath}/`)),
        file,
      );
    }
  });

  it("probe the paths that the server has, over TLS", () => {
    const paths = [container.startupProbe, container.readinessProbe, container.livenessProbe].map(
      ({ httpGet: { path, port, scheme } }) => [path, port, scheme],
    );
    assert.deepEqual(paths, [
      ["/readyz", "rpc", "HTTPS"],
      ["/readyz", "rpc", "HTTPS"],
      ["/healthz", "rpc", "HTTPS"],
    ]);
  });

  it("keep the snapshot where a restarted container finds it", () => {
    const mount = container.volumeMounts.find(({ name }) => name === "snapshot");
    assert.ok(mount);
    assert.equal(options.snapshotFile, `${mount.mountPath}/snapshot`);
    const volume = pod.volumes.find(({ name }) => name === "snapshot");
    assert.deepEqual(volume, { name: "snapshot", emptyDir: { sizeLimit: "1Gi" } });
  });

  it("leave time for a graceful stop", () => {
    const pause = container.lifecycle.preStop.sleep.seconds * 1000;
    const needed = pause + options.freshnessWaitMs + options.shutdownGraceMs;
    assert.ok(pod.terminationGracePeriodSeconds * 1000 > needed);
  });

  for (const file of ["deployment.yaml", "migrate-job.yaml"]) {
    it(`give ${file} no right that it does not need`, () => {
      const { spec } = readWorkload(file).spec.template;
      const [only] = spec.containers;
      assert.equal(spec.automountServiceAccountToken, false);
      assert.equal(spec.enableServiceLinks, false);
      assert.equal(spec.securityContext["runAsNonRoot"], true);
      assert.deepEqual(spec.securityContext["seccompProfile"], { type: "RuntimeDefault" });
      assert.deepEqual(only.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const writable = only.volumeMounts.filter(({ readOnly }) => readOnly !== true);
      assert.deepEqual(
        writable.map(({ name }) => name),
        file === "deployment.yaml" ? ["snapshot"] : [],
      );
      const volumes = spec.volumes.map(({ name }) => name);
      assert.deepEqual(only.volumeMounts.map(({ name }) => name).toSorted(), volumes.toSorted());
      assert.ok(only.resources.limits.memory);
      // Secrets come from secrets.
      const url = only.env.find(({ name }) => name === "DATABASE_URL");
      assert.equal(url?.value, undefined);
      assert.ok(url?.valueFrom?.secretKeyRef.name);
    });
  }

  it("keep the secret of the migrator from the server", () => {
    assert.ok(!JSON.stringify(pod).includes("migrator"));
  });

  it("come with all that operations.md wants of a new database", () => {
    const operations = readFileSync(join(root, "docs", "operations.md"), "utf8");
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    for (const step of ["roles.sql", "protect-log.sql", "fleetgate key create --bootstrap"]) {
      assert.ok(operations.includes(step), step);
      assert.ok(readme.includes(step), step);
    }
  });

  it("name one image, that of this release", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly version: string;
    };
    const [job] = readWorkload("migrate-job.yaml").spec.template.spec.containers;
    assert.deepEqual(
      [container.image, job.image],
      [`fleetgate:${version}`, `fleetgate:${version}`],
    );
  });

  const kubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
  it("are a kustomization", { skip: kubectl ? false : "there is no kubectl" }, () => {
    const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", folder], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const all = parseAllDocuments(stdout).map((document) => document.toJS() as Workload);
    const deployment = all.find(({ kind }) => kind === "Deployment") as unknown as {
      readonly spec: { readonly selector: unknown };
    };
    const labels = { "app.kubernetes.io/name": "fleetgate" };
    assert.deepEqual(deployment.spec.selector, { matchLabels: labels });
    for (const service of all.filter(({ kind }) => kind === "Service")) {
      assert.deepEqual((service.spec as unknown as { selector: unknown }).selector, labels);
    }
    const policy = all.find(({ kind }) => kind === "NetworkPolicy")?.spec as unknown as {
      readonly podSelector: unknown;
    };
    assert.deepEqual(policy.podSelector, { matchLabels: labels });
  });
});
