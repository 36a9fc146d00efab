import { testProblems } from "../support/problem-cases.ts";

testProblems("createBindingCheck", [
  {
    name: "takes identities of every kind, groups and no principals at all",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: [user:a@example.com, bot:b, project:p, service:s, anonymous:anonymous, task:t1, runner:r, group:administrators]
          - role: role/swarming.poolUser
`,
    problems: [],
  },
  {
    name: "refuses a missing role",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - principals: [user:a@example.com]
`,
    problems: [
      'error a.yaml:6:13 projects[0].realms[0].bindings[0].role: role is missing [it must start with "role/" or "customRole/" and go on]',
    ],
  },
  {
    name: "refuses unknown roles",
    text: `projects:
  - name: p
    custom_roles: [{name: customRole/shepherd}]
    realms:
      - name: r
        bindings:
          - role: customRole/sheperd
          - role: role/other
          - role: customRole/x
          - role: poolUser
`,
    problems: [
      'error a.yaml:7:19 projects[0].realms[0].bindings[0].role: no role is named "customRole/sheperd" [did you mean "customRole/shepherd"?]',
      'error a.yaml:8:19 projects[0].realms[0].bindings[1].role: no role is named "role/other" [define it under roles, with "unresolved: true" if nobody knows what it holds]',
      'error a.yaml:9:19 projects[0].realms[0].bindings[2].role: no role is named "customRole/x" [define it under custom_roles of this project]',
      'error a.yaml:10:19 projects[0].realms[0].bindings[3].role: role "poolUser" is malformed [it must start with "role/" or "customRole/" and go on]',
    ],
  },
  {
    name: "refuses a custom role of another project",
    text: `projects:
  - name: p
    custom_roles: [{name: customRole/a}]
  - name: q
    realms:
      - name: r
        bindings:
          - role: customRole/a
`,
    problems: [
      'error a.yaml:8:19 projects[1].realms[0].bindings[0].role: no role is named "customRole/a" [define it under custom_roles of this project]',
    ],
  },
  {
    name: "takes a role that another source defines",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/a
`,
    others: { team: "roles: [{name: role/a}]" },
    problems: [],
  },
  {
    name: "refuses malformed principals and says how to write them",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals:
              - ann@example.com
              - developers
              - user:*@example.com
              - group:A
              - robot:x
              - "user:ann@example.com\\n"
`,
    problems: [
      'error a.yaml:8:17 projects[0].realms[0].bindings[0].principals[0]: "ann@example.com" is not a principal [people are written as "user:name@domain"]',
      'error a.yaml:9:17 projects[0].realms[0].bindings[0].principals[1]: "developers" is not a principal [a group is written as "group:developers"]',
      'error a.yaml:10:17 projects[0].realms[0].bindings[0].principals[2]: "user:*@example.com" is not a principal [globs belong into a group: bind "group:name"]',
      'error a.yaml:11:17 projects[0].realms[0].bindings[0].principals[3]: "group:A" is not a principal [it must be "group:" and the name of a group, or an identity, which must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
      'error a.yaml:12:17 projects[0].realms[0].bindings[0].principals[4]: "robot:x" is not a principal [it must be "group:" and the name of a group, or an identity, which must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
      'error a.yaml:13:17 projects[0].realms[0].bindings[0].principals[5]: "user:ann@example.com\\n" is not a principal [it must be "group:" and the name of a group, or an identity, which must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
    ],
  },
  {
    name: "warns once about each group that nobody defines",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: [group:develpers, group:other]
          - role: role/swarming.poolViewer
            principals: [group:other]
`,
    others: { "": "groups: [{name: developers}]" },
    problems: [
      'warning a.yaml:7:26 projects[0].realms[0].bindings[0].principals[0]: no group is named "develpers": it counts as empty [did you mean "developers"?]',
      'warning a.yaml:7:43 projects[0].realms[0].bindings[0].principals[1]: no group is named "other": it counts as empty [create it, or it stays empty]',
    ],
  },
  {
    name: "warns about a principal listed twice",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: [user:a@example.com, user:a@example.com]
`,
    problems: [
      'warning a.yaml:7:46 projects[0].realms[0].bindings[0].principals[1]: "user:a@example.com" stands in principals twice [take one away]',
    ],
  },
  {
    name: "lets any role be bound under any condition",
    text: `projects:
  - name: p
    custom_roles: [{name: customRole/a}]
    realms:
      - name: r
        bindings:
          - role: customRole/a
            conditions: [{attribute: x, values: ["", y]}]
          - role: role/swarming.poolUser
            conditions: [{attribute: x, values: [y]}]
`,
    problems: [],
  },
  {
    name: "refuses conditions without an attribute",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            conditions: [{values: [y]}]
`,
    problems: [
      "error a.yaml:7:26 projects[0].realms[0].bindings[0].conditions[0].attribute: attribute is missing [it must be 1 to 200 characters without control characters]",
    ],
  },
  {
    name: "warns about conditions that never hold, and refuses control characters",
    text: `projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            conditions:
              - attribute: x
              - attribute: y
                values: ["a\\u0007", b, b]
`,
    problems: [
      "warning a.yaml:8:17 projects[0].realms[0].bindings[0].conditions[0].values: a condition without values never holds [list the values under which the binding counts]",
      'error a.yaml:10:26 projects[0].realms[0].bindings[0].conditions[1].values[0]: "a\\a" is not a good value [it must be 0 to 1000 characters without control characters]',
      'warning a.yaml:10:40 projects[0].realms[0].bindings[0].conditions[1].values[2]: "b" stands in values twice [take one away]',
    ],
  },
]);
