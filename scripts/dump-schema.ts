import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStorage } from "../src/storage/database.ts";
import { migrate } from "../src/storage/migrate.ts";
import type { RunSql } from "../src/storage/storage.ts";

// Writes db/schema.sql: what all migrations together make, for reviewers. A test compares it with the
// migrations by what the database makes of both, so that its text may be anything that says the same.

const target = fileURLToPath(new URL("../db/schema.sql", import.meta.url));

const tables = `
  select c.oid::bigint as oid, quote_ident(c.relname) as name,
         obj_description(c.oid, 'pg_class') as comment
  from pg_class c
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  order by c.relname collate "C"`;

const lines = (oid: unknown): string => `
  select line from (
    select 1 as part, a.attnum as position, quote_ident(a.attname) || ' '
      || format_type(a.atttypid, a.atttypmod)
      || case when a.attcollation <> t.typcollation then ' collate ' || quote_ident(l.collname) else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
      || case when a.attnotnull then ' not null' else '' end as line
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${String(oid)} and a.attnum > 0 and not a.attisdropped
    union all
    select 2, row_number() over (order by strpos('puf', contype::text), conname collate "C"),
      'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid, true)
    from pg_constraint where conrelid = ${String(oid)} and contype <> 'n'
  ) as l order by part, position`;

const indexes = (oid: unknown): string => `
  select pg_get_indexdef(indexrelid) as definition
  from pg_index i
  where indrelid = ${String(oid)}
    and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.conrelid = i.indrelid)
  order by 1`;

const columnComments = (oid: unknown): string => `
  select quote_ident(attname) as name, col_description(attrelid, attnum) as comment
  from pg_attribute
  where attrelid = ${String(oid)} and attnum > 0 and col_description(attrelid, attnum) is not null
  order by attnum`;

const functions = `
  select pg_get_functiondef(oid) as definition
  from pg_proc where pronamespace = 'public'::regnamespace
  order by proname collate "C"`;

const triggers = `
  select pg_get_triggerdef(t.oid) as definition
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
  order by c.relname collate "C", t.tgname collate "C"`;

async function describeTable(run: RunSql, row: Readonly<Record<string, unknown>>): Promise<string> {
  const { oid, name, comment } = row;
  const body = (await run(lines(oid))).map(({ line }) => `  ${String(line)}`).join(",\n");
  let text = `create table ${String(name)} (\n${body}\n);\n`;
  for (const { definition } of await run(indexes(oid))) text += `${String(definition)};\n`;
  if (comment !== null) text += `comment on table ${String(name)} is ${quote(comment)};\n`;
  for (const column of await run(columnComments(oid))) {
    const path = `${String(name)}.${String(column["name"])}`;
    text += `comment on column ${path} is ${quote(column["comment"])};\n`;
  }
  return text;
}

function quote(value: unknown): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}

/** Tables that others refer to must come first: foreign keys are added at the end instead. */
function foreignKeysLast(texts: readonly string[]): string {
  const keys: string[] = [];
  const created = texts.map((text) => {
    const table = /^create table (.+) \(\n/.exec(text)?.[1] ?? "";
    const cut = text.replaceAll(
      /,\n {2}(constraint \S+ FOREIGN KEY .*?)(?=,\n|\n\);)/g,
      (_, key) => {
        keys.push(`alter table ${table} add ${String(key)};\n`);
        return "";
      },
    );
    return cut;
  });
  return `${created.join("\n")}\n${keys.join("")}`;
}

const directory = await mkdtemp(join(tmpdir(), "fleetgate-schema-"));
const storage = await openStorage({ kind: "embedded", directory });
try {
  await migrate(storage);
  const texts = await storage.session(async (run) => {
    const described: string[] = [];
    for (const table of await run(tables)) described.push(await describeTable(run, table));
    return described;
  });
  const code = await storage.session(async (run) => {
    let text = "";
    for (const { definition } of await run(functions))
      text += `\n${String(definition).trimEnd()};\n`;
    text += "\n";
    for (const { definition } of await run(triggers)) text += `${String(definition)};\n`;
    return text;
  });
  const heading =
    "-- The schema that all migrations make, for reading. Generated: node scripts/dump-schema.ts\n\n";
  await writeFile(target, heading + foreignKeysLast(texts) + code);
} finally {
  await storage.close();
  await rm(directory, { recursive: true, force: true });
}
