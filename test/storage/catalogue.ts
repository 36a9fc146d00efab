import type { RunSql } from "../../src/storage/storage.ts";

/** What a database is made of, as its catalogue says: comparable across texts that say the same. */
export interface Catalogue {
  readonly columns: readonly object[];
  readonly constraints: readonly object[];
  readonly indexes: readonly object[];
  readonly comments: readonly object[];
  readonly functions: readonly object[];
  readonly triggers: readonly object[];
}

const ours = "c.relnamespace = 'public'::regnamespace";

/** Reads the catalogue of everything in the schema `public`. */
export async function readCatalogue(run: RunSql): Promise<Catalogue> {
  return {
    columns: await run(`
      select c.relname || '.' || a.attname as column, a.attnum as position,
             format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
             l.collname as collation, pg_get_expr(d.adbin, d.adrelid) as default
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_collation l on l.oid = a.attcollation
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where ${ours} and c.relkind in ('r', 'p', 'v', 'm')
      order by 1`),
    constraints: await run(`
      select c.relname as table, conname as name, pg_get_constraintdef(k.oid) as definition
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where ${ours} and contype <> 'n' order by 1, 2`),
    indexes: await run(`
      select pg_get_indexdef(i.indexrelid) as definition
      from pg_index i join pg_class c on c.oid = i.indrelid where ${ours} order by 1`),
    functions: await run(`
      select pg_get_functiondef(p.oid) as definition
      from pg_proc p where p.pronamespace = 'public'::regnamespace order by 1`),
    triggers: await run(`
      select pg_get_triggerdef(t.oid) as definition
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where ${ours} and not t.tgisinternal order by 1`),
    comments: await run(`
      select c.relname as table, s.objsubid as column, s.description
      from pg_description s join pg_class c on c.oid = s.objoid
      where ${ours} and s.classoid = 'pg_class'::regclass order by 1, 2`),
  };
}
