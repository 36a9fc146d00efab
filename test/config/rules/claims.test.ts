import { testProblems } from "../support/problem-cases.ts";

testProblems("checkClaims", [
  {
    name: "refuses two entities of one kind and name, also in two files",
    text: [
      `pools: [{name: p, realm: 'a:@root'}]
projects: [{name: a}, {name: a}]
`,
      `pools:
  - name: p
    realm: a:@root
`,
    ],
    problems: [
      'error a.yaml:2:30 projects[1].name: the project "a" is declared twice [the first one is in "a.yaml", line 2]',
      'error b.yaml:2:11 pools[0].name: the pool "p" is declared twice [the first one is in "a.yaml", line 1]',
    ],
  },
  {
    name: "refuses every kind of entity that another source manages",
    text: `settings: {}
permissions: [{name: a.b.c}]
roles: [{name: role/x}]
projects: [{name: p}]
pools: [{name: p, realm: 'p:@root'}]
bot_groups: [{name: b, bot_ids: [b]}]
groups: [{name: g}]
`,
    others: {
      team: `settings: {}
permissions: [{name: a.b.c}]
roles: [{name: role/x}]
projects: [{name: p}]
pools: [{name: p, realm: 'p:@root'}]
bot_groups: [{name: b, bot_ids: [a]}]
groups: [{name: g}]
`,
    },
    problems: [
      'error a.yaml:1:11 settings: the settings are managed by the source "team" [leave them out here, or remove them there first]',
      'error a.yaml:2:22 permissions[0].name: the permission "a.b.c" is managed by the source "team" [leave it out here, or remove it there first]',
      'error a.yaml:3:16 roles[0].name: the role "role/x" is managed by the source "team" [leave it out here, or remove it there first]',
      'error a.yaml:4:19 projects[0].name: the project "p" is managed by the source "team" [leave it out here, or remove it there first]',
      'error a.yaml:5:16 pools[0].name: the pool "p" is managed by the source "team" [leave it out here, or remove it there first]',
      'error a.yaml:6:21 bot_groups[0].name: the bot group "b" is managed by the source "team" [leave it out here, or remove it there first]',
      'error a.yaml:7:17 groups[0].name: the group "g" is managed by the source "team" [leave it out here, or remove it there first]',
    ],
  },
  {
    name: "refuses to take over a group that is edited by hand",
    text: `groups: [{name: g}]
`,
    others: {
      "": `groups: [{name: g}]
`,
    },
    problems: [
      'error a.yaml:1:17 groups[0].name: the group "g" is edited by hand [leave it out here: bindings and groups may name it all the same; or give this group another name]',
    ],
  },
  {
    name: "does not compare a source with what it managed before",
    text: `groups: [{name: g}]
`,
    others: {
      main: `groups: [{name: g}]
`,
    },
    problems: [],
  },
]);
