import { testProblems } from "../support/problem-cases.ts";

testProblems("checkRoles", [
  {
    name: "takes roles that include later and built-in ones",
    text: `roles:
  - name: role/a
    includes: [role/b, role/swarming.poolUser]
  - name: role/b
    permissions: [swarming.tasks.get]
`,
    problems: [],
  },
  {
    name: "refuses a missing name and a wrong prefix",
    text: `roles:
  - permissions: []
  - name: customRole/a
  - name: role/
`,
    problems: [
      'error a.yaml:2:5 roles[0].name: name is missing [it must start with "role/" and go on, at most 300 characters]',
      'error a.yaml:3:11 roles[1].name: name "customRole/a" is malformed [it must start with "role/" and go on, at most 300 characters]',
      'error a.yaml:4:11 roles[2].name: name "role/" is malformed [it must start with "role/" and go on, at most 300 characters]',
    ],
  },
  {
    name: "refuses to redefine a built-in role",
    text: `roles:
  - name: role/swarming.poolUser
`,
    problems: [
      'error a.yaml:2:11 roles[0].name: the role "role/swarming.poolUser" is built in [give it another name; it may include the built-in one]',
    ],
  },
  {
    name: "refuses undeclared and malformed permissions",
    text: `roles:
  - name: role/a
    permissions: [swarming.pool.createTask, x.y.z, x.y]
`,
    problems: [
      'error a.yaml:3:19 roles[0].permissions[0]: no permission is named "swarming.pool.createTask" [did you mean "swarming.pools.createTask"?]',
      'error a.yaml:3:45 roles[0].permissions[1]: no permission is named "x.y.z" [declare it under permissions]',
      'error a.yaml:3:52 roles[0].permissions[2]: "x.y" is not a permission [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
    ],
  },
  {
    name: "takes permissions that another source declares",
    text: `roles:
  - name: role/a
    permissions: [x.y.z]
`,
    others: { team: "permissions: [{name: x.y.z}]" },
    problems: [],
  },
  {
    name: "warns about a permission listed twice",
    text: `roles:
  - name: role/a
    permissions: [swarming.tasks.get, swarming.tasks.get]
    includes: [role/swarming.poolUser, role/swarming.poolUser]
`,
    problems: [
      'warning a.yaml:3:39 roles[0].permissions[1]: "swarming.tasks.get" stands in permissions twice [take one away]',
      'warning a.yaml:4:40 roles[0].includes[1]: "role/swarming.poolUser" stands in includes twice [take one away]',
    ],
  },
  {
    name: "refuses unknown included roles",
    text: `roles:
  - name: role/a
    includes: [role/swarming.poolUsers, role/other]
`,
    problems: [
      'error a.yaml:3:16 roles[0].includes[0]: no role is named "role/swarming.poolUsers" [did you mean "role/swarming.poolUser"?]',
      'error a.yaml:3:41 roles[0].includes[1]: no role is named "role/other" [define it under roles, with "unresolved: true" if nobody knows what it holds]',
    ],
  },
  {
    name: "refuses to include custom roles",
    text: `roles:
  - name: role/a
    includes: [customRole/b]
projects:
  - name: p
    custom_roles: [{name: customRole/b}]
`,
    problems: [
      'error a.yaml:3:16 roles[0].includes[0]: "customRole/b" is not a role that can be included here [it must start with "role/" and go on: custom roles exist only inside of their project]',
    ],
  },
  {
    name: "refuses circles of inclusion, with their path",
    text: `roles:
  - name: role/a
    includes: [role/b]
  - name: role/b
    includes: [role/c]
  - name: role/c
    includes: [role/a]
  - name: role/d
    includes: [role/d]
`,
    problems: [
      'error a.yaml:3:16 roles[0].includes[0]: roles include each other in a circle: "role/a" -> "role/b" -> "role/c" -> "role/a" [take one of these steps away]',
      'error a.yaml:9:16 roles[3].includes[0]: roles include each other in a circle: "role/d" -> "role/d" [take one of these steps away]',
    ],
  },
  {
    name: "refuses a circle through another source",
    text: `roles:
  - name: role/a
    includes: [role/b]
`,
    others: {
      main: "roles: [{name: role/a}]",
      team: "roles: [{name: role/b, includes: [role/a]}]",
    },
    problems: [
      'error a.yaml:3:16 roles[0].includes[0]: roles include each other in a circle: "role/a" -> "role/b" -> "role/a" [take one of these steps away]',
    ],
  },
  {
    name: "takes a role that is included on two paths",
    text: `roles:
  - name: role/a
    includes: [role/b, role/c]
  - name: role/b
    includes: [role/d]
  - name: role/c
    includes: [role/d]
  - name: role/d
`,
    problems: [],
  },
  {
    name: "warns about an unresolved role",
    text: `roles:
  - name: role/a
    unresolved: true
`,
    problems: [
      'warning a.yaml:3:17 roles[0].unresolved: the role "role/a" is unresolved: it grants nothing [when you know what it holds, list that and take "unresolved" away]',
    ],
  },
  {
    name: "refuses an unresolved role that holds something",
    text: `roles:
  - name: role/a
    unresolved: true
    permissions: [swarming.tasks.get]
`,
    problems: [
      'error a.yaml:3:17 roles[0].unresolved: the unresolved role "role/a" holds something [take away either "unresolved" or what the role holds]',
    ],
  },
]);
