import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemsOf } from "./support/problems.ts";

const cases: readonly {
  readonly name: string;
  readonly text: string | readonly string[];
  readonly others?: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}[] = [
  {
    name: "takes an empty file with a warning",
    text: `# nothing yet
`,
    problems: ["warning a.yaml:1:1 : the file is empty"],
  },
  {
    name: "takes JSON",
    text: '{"groups": [{"name": "a"}]}',
    problems: [],
  },
  {
    name: "names an unknown field and the field that was meant",
    text: `pools:
  - name: p
    relm: a:b
`,
    problems: ['error a.yaml:3:5 pools[0].relm: unknown field "relm" [did you mean "realm"?]'],
  },
  {
    name: "names the fields that there are when none is near",
    text: `colour: red
`,
    problems: [
      'error a.yaml:1:1 colour: unknown field "colour" [the fields here are settings, permissions, roles, projects, pools, bot_groups, groups]',
    ],
  },
  {
    name: "asks for snake_case",
    text: `botGroups: []
`,
    problems: [
      'error a.yaml:1:1 botGroups: unknown field "botGroups" [write it as snake_case: "bot_groups"]',
    ],
  },
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
    name: "asks to quote numbers where text is wanted",
    text: `groups:
  - name: 007
  - name: 1e3
`,
    problems: [
      'error a.yaml:2:11 groups[0].name: wants a text, found the number 007 [quote it: "007"]',
      'error a.yaml:3:11 groups[1].name: wants a text, found the number 1e3 [quote it: "1e3"]',
    ],
  },
  {
    name: "asks to quote booleans where text is wanted",
    text: `groups:
  - name: true
`,
    problems: [
      'error a.yaml:2:11 groups[0].name: wants a text, found the boolean true [quote it: "true"]',
    ],
  },
  {
    name: "asks for a boolean without quotes",
    text: `roles:
  - name: role/x
    unresolved: "true"
`,
    problems: [
      'error a.yaml:3:17 roles[0].unresolved: wants true or false, found the text "true" [write true or false, without quotes]',
    ],
  },
  {
    name: "does not take yes for a boolean",
    text: `roles:
  - name: role/x
    unresolved: yes
`,
    problems: [
      'error a.yaml:3:17 roles[0].unresolved: wants true or false, found the text "yes" [write true or false, without quotes]',
    ],
  },
  {
    name: "refuses null",
    text: `settings: ~
pools:
groups:
  - name: a
    members:
      -
`,
    problems: [
      "error a.yaml:1:11 settings: wants a mapping, found nothing (null) [leave the field out, or write its value]",
      "error a.yaml:2:1 pools: wants a list of mappings, found nothing (null) [leave the field out, or write its value]",
      "error a.yaml:6:8 groups[0].members[0]: wants a text, found nothing (null) [leave the field out, or write its value]",
    ],
  },
  {
    name: "says what it found where a list is wanted",
    text: `groups:
  - name: a
    members: user:a@example.com
pools:
  name: p
`,
    problems: [
      'error a.yaml:3:14 groups[0].members: wants a list of texts, found the text "user:a@example.com" [begin each item with "- "]',
      'error a.yaml:5:3 pools: wants a list of mappings, found a mapping [begin each item with "- "]',
    ],
  },
  {
    name: "says what it found where a mapping is wanted",
    text: `groups:
  - developers
  - []
settings: []
`,
    problems: [
      'error a.yaml:2:5 groups[0]: wants a mapping, found the text "developers" [write its fields, for example "name: developers"]',
      "error a.yaml:3:5 groups[1]: wants a mapping, found a list",
      "error a.yaml:4:11 settings: wants a mapping, found a list",
    ],
  },
  {
    name: "says what it found where a text is wanted",
    text: `groups:
  - name: [a]
  - name: {b: c}
`,
    problems: [
      "error a.yaml:2:11 groups[0].name: wants a text, found a list",
      "error a.yaml:3:11 groups[1].name: wants a text, found a mapping",
    ],
  },
  {
    name: "counts items that cannot be read",
    text: `groups:
  - name: a
    members:
      - 1
      - user
`,
    problems: [
      'error a.yaml:4:9 groups[0].members[0]: wants a text, found the number 1 [quote it: "1"]',
      'error a.yaml:5:9 groups[0].members[1]: "user" is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
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
    name: "judges the other fields when one cannot be read",
    text: `groups:
  - name: a
    description: 5
    nested: [b]
`,
    problems: [
      'error a.yaml:3:18 groups[0].description: wants a text, found the number 5 [quote it: "5"]',
      'error a.yaml:4:14 groups[0].nested[0]: no group is named "b" [add it under groups, or create it first]',
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
  {
    name: "refuses settings in two files",
    text: [
      `settings: {}
`,
      `settings: {}
`,
    ],
    problems: [
      'error b.yaml:1:11 settings: the settings stand in the file "a.yaml" too [join them in one file]',
    ],
  },
  {
    name: "lists problems in the order of files and lines",
    text: [
      `groups:
  - name: A
`,
      `x: 1
groups:
  - name: B
`,
    ],
    problems: [
      'error a.yaml:2:11 groups[0].name: name "A" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error b.yaml:1:1 x: unknown field "x" [the fields here are settings, permissions, roles, projects, pools, bot_groups, groups]',
      'error b.yaml:3:11 groups[0].name: name "B" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
];

describe("readFiles", () => {
  for (const { name, text, others, problems } of cases) {
    it(name, () => {
      assert.deepEqual(problemsOf(text, others), problems);
    });
  }
});
