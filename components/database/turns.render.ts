import { accountName, datastoreSchema, turnTable } from "./accounts.render.ts";

/** Where kine keeps everything; it makes the table itself. */
export const datastoreTable = "kine";

/**
 * Makes each insert into kine's table take its turn before it gets its number, and keep it until its commit: rows are seen in the order of their
 * numbers. InnoDB alone numbers a row when it is inserted and shows it when it is committed, so two at once may be seen the other way around, and a
 * kine that has read up to the higher number never looks for the lower one (https://github.com/k3s-io/kine/issues/676). The number of a row is given
 * after its BEFORE triggers (https://dev.mysql.com/doc/refman/8.0/en/trigger-syntax.html). Appliers of other nodes run no triggers.
 */
export const takeTurns = (trigger = "kine_in_turn", table = datastoreTable): string =>
  `CREATE DEFINER = ${accountName("health-check")} TRIGGER ${datastoreSchema}.${trigger} BEFORE INSERT ON ${datastoreSchema}.${table} ` +
  `FOR EACH ROW SELECT id INTO @turn FROM ${turnTable} WHERE id = 1 FOR UPDATE`;

const among = (what: string, schema: string, table: string): string =>
  `(SELECT COUNT(*) FROM information_schema.${what} WHERE ${schema} = '${datastoreSchema}' AND ${table} = '${datastoreTable}')`;

/** Whether kine has made its table. */
export const datastoreIsThere = among("TABLES", "TABLE_SCHEMA", "TABLE_NAME");

/** Two numbers: whether kine has made its table, and whether inserts take turns there. */
export const turnsTaken = `SELECT ${datastoreIsThere}, ${among("TRIGGERS", "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")}`;
