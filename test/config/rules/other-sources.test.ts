import { testProblems } from "../support/problem-cases.ts";

testProblems("checkOtherSources", [
  {
    name: "refuses to take away what others still need",
    text: "",
    others: {
      main: `permissions: [{name: a.b.c}]
roles: [{name: role/x}, {name: role/y}, {name: role/z}]
groups: [{name: m}, {name: n}, {name: o}]
`,
      team: `roles: [{name: role/t, permissions: [a.b.c], includes: [role/x]}]
projects: [{name: p, custom_roles: [{name: customRole/c, includes: [role/y]}], realms: [{name: r, bindings: [{role: role/z}, {role: role/z, conditions: [{attribute: a, values: [b]}]}]}]}]
groups: [{name: u, nested: [m], owners: o}]
`,
      "": "groups: [{name: h, nested: [n], owners: administrators}]",
    },
    problems: [
      'error :0:0 : the permission "a.b.c" would be gone, but the role "role/t" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the role "role/x" would be gone, but the role "role/t" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the role "role/y" would be gone, but the custom role "customRole/c" of the project "p" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the role "role/z" would be gone, but the realm "p:r" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the group "m" would be gone, but the group "u" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the group "o" would be gone, but the group "u" of the source "team" needs it [keep it here, or change the other source first]',
      'error :0:0 : the group "n" would be gone, but the group "h" of the groups edited by hand needs it [keep it here, or change the other source first]',
      "warning a.yaml:1:1 : the file is empty",
    ],
  },
  {
    name: "does not mind pools, realms and bound groups that go away",
    text: `groups: []
`,
    others: {
      main: `projects: [{name: p}]
pools: [{name: q, realm: 'p:@root'}]
groups: [{name: g}]
`,
      team: `pools: [{name: r, realm: 'p:@root'}]
bot_groups: [{name: b, pools: [q]}]
projects: [{name: t, realms: [{name: x, bindings: [{role: role/swarming.poolUser, principals: [group:g]}]}]}]
`,
    },
    problems: [],
  },
]);
