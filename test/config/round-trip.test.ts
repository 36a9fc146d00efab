import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { canonicalize } from "../../src/config/canonical.ts";
import { toYaml } from "../../src/config/export-yaml.ts";
import { fromConfigMessage } from "../../src/config/from-message.ts";
import { mergeConfigurations } from "../../src/config/merge.ts";
import { toConfigMessage } from "../../src/config/to-message.ts";
import { validateConfiguration } from "../../src/config/validate.ts";
import { emptyConfiguration, type Configuration } from "../../src/domain/model.ts";
import { arbitraryConfiguration } from "./support/arbitrary-configuration.ts";
import { configurationOf, formatProblem } from "./support/problems.ts";

const numRuns = 60;

describe("a valid configuration", () => {
  it("is the same after export, reading and validation", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, (configuration) => {
        const canonical = canonicalize(configuration);
        const text = toYaml(canonical);
        assert.deepEqual(configurationOf(text), canonical);
        assert.equal(toYaml(configurationOf(text)), text);
      }),
      { numRuns },
    );
  });

  it("is the same as a message", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, (configuration) => {
        const canonical = canonicalize(configuration);
        const config = toConfigMessage(canonical);
        assert.deepEqual(fromConfigMessage(config), canonical);
        const files = [{ path: "m", config }];
        const result = validateConfiguration({ source: "main", files, others: new Map() });
        assert.deepEqual(
          result.problems.filter(({ severity }) => severity === "error").map(formatProblem),
          [],
        );
        assert.deepEqual(result.configuration, canonical);
      }),
      { numRuns },
    );
  });

  it("is the same when it is cut into files in any way and order", () => {
    const cut = arbitraryConfiguration.chain((configuration) =>
      fc.tuple(
        fc.constant(configuration),
        fc.shuffledSubarray(partsOf(configuration), { minLength: partsOf(configuration).length }),
      ),
    );
    fc.assert(
      fc.property(cut, ([configuration, parts]) => {
        const canonical = canonicalize(configuration);
        assert.deepEqual(configurationOf(parts.map((part) => toYaml(part))), canonical);
        assert.deepEqual(mergeConfigurations(parts.map(canonicalize)), canonical);
      }),
      { numRuns },
    );
  });
});

/** One configuration for each entity. */
function partsOf(configuration: Configuration): Configuration[] {
  const { settings, permissions, roles, projects, pools, botGroups, groups } = configuration;
  const part = (values: Partial<Configuration>): Configuration => ({
    ...emptyConfiguration,
    ...values,
  });
  return [
    ...(settings === undefined ? [] : [part({ settings })]),
    ...permissions.map((value) => part({ permissions: [value] })),
    ...roles.map((value) => part({ roles: [value] })),
    ...projects.map((value) => part({ projects: [value] })),
    ...pools.map((value) => part({ pools: [value] })),
    ...botGroups.map((value) => part({ botGroups: [value] })),
    ...groups.map((value) => part({ groups: [value] })),
  ];
}
