import { testProblems } from "./support/problem-cases.ts";

testProblems("readFiles", [
  {
    name: "refuses merge keys",
    text: `groups:
  - &a
    name: a
  - <<: *a
    name: b
`,
    problems: [
      'error a.yaml:4:5 groups[1].<<: unknown field "<<" [merge keys are not supported: write the fields out]',
    ],
  },
  {
    name: "refuses a duplicate field",
    text: `groups:
  - name: a
    name: b
`,
    problems: [
      'error a.yaml:3:5 groups[0].name: "name" stands here twice [join the two, or take one away]',
    ],
  },
  {
    name: "refuses a file that is no mapping",
    text: `- name: a
`,
    problems: [
      'error a.yaml:1:1 : the file does not hold a mapping of fields [start with a field such as "pools:"]',
    ],
  },
  {
    name: "refuses several documents",
    text: `groups: []
---
pools: []
`,
    problems: [
      'error a.yaml:2:1 : the file holds more than one YAML document [put each document into a file of its own, and leave out "---"]',
    ],
  },
  {
    name: "reports syntax errors with their place",
    text: `groups:
	- name: a
`,
    problems: [
      "error a.yaml:2:1 : YAML syntax: Tabs are not allowed as indentation [indent with spaces]",
    ],
  },
  {
    name: "reports an unclosed quote",
    text: `groups:
  - name: 'a
`,
    problems: ["error a.yaml:3:1 : YAML syntax: Missing closing 'quote"],
  },
  {
    name: "does not judge references when a file cannot be parsed",
    text: [
      "groups: [",
      `groups:
  - name: a
    nested: [b]
`,
    ],
    problems: [
      "error a.yaml:1:10 : YAML syntax: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  },
  {
    name: "refuses YAML 1.1",
    text: `%YAML 1.1
---
groups: []
`,
    problems: ["error a.yaml:1:1 : YAML 1.1 is not supported [use YAML 1.2]"],
  },
  {
    name: "refuses tags",
    text: `groups:
  - name: !env NAME
  - name: !!binary aGk=
  - name: !!str b
`,
    problems: [
      'error a.yaml:2:16 groups[0].name: the tag "!env" is not supported [leave it out; only the types of JSON are supported]',
      'error a.yaml:3:20 groups[1].name: the tag "tag:yaml.org,2002:binary" is not supported [leave it out; only the types of JSON are supported]',
    ],
  },
  {
    name: "follows aliases",
    text: `groups:
  - name: a
    members: &m [user:a@example.com, nobody]
  - name: b
    members: *m
`,
    problems: [
      'error a.yaml:3:38 groups[0].members[1]: "nobody" is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
      'error a.yaml:3:38 groups[1].members[1]: "nobody" is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
    ],
  },
  {
    name: "refuses aliases without an anchor",
    text: `groups:
  - name: *a
`,
    problems: [
      'error a.yaml:2:11 groups[0].name: nothing has the anchor "a" [put the anchor "&a" before it, or quote the text]',
    ],
  },
  {
    name: "takes the last anchor before an alias",
    text: `groups:
  - &x {name: a}
  - &x {name: b}
  - *x
`,
    problems: [
      'error a.yaml:3:15 groups[2].name: the group "b" is declared twice [the first one is in "a.yaml", line 3]',
    ],
  },
  {
    name: "refuses field names that are no texts",
    text: `? [a]
: 1
2: b
`,
    problems: [
      "error a.yaml:1:3 : the name of a field is not a text",
      'error a.yaml:3:1 2: unknown field "2" [the fields here are settings, permissions, roles, projects, pools, bot_groups, groups]',
    ],
  },
]);
