import { datastoreSchema } from "./accounts.render.ts";
import { datastoreIsThere, datastoreTable, takeTurns } from "./turns.render.ts";

// How kine's table of a restored backup takes the place of the one that is there, as statements that the cluster replicates like any other.

/** Where the restored table is filled, while kine goes on with its own. */
export const stagingSchema = `${datastoreSchema}_restored`;
const staged = `${stagingSchema}.${datastoreTable}`;
const current = `${datastoreSchema}.${datastoreTable}`;
/** What it is called in kine's schema until it is switched to: a trigger's table can't change its schema. */
const ready = `${datastoreSchema}.${datastoreTable}_restored`;

/**
 * Revisions that a restore skips. A cluster's revision must not go back: who knows a later one would wait for news that never come
 * (https://github.com/etcd-io/etcd/issues/16028). Of a cluster whose database is lost nobody knows how far it was; etcd's documentation
 * recommends as many (https://etcd.io/docs/v3.6/op-guide/recovery/).
 */
export const skippedRevisions = 1_000_000_000;

/** Takes away what an earlier attempt left. */
export const emptyStaging = [
  `DROP DATABASE IF EXISTS ${stagingSchema}`,
  `DROP TABLE IF EXISTS ${ready}`,
  `CREATE DATABASE ${stagingSchema} CHARACTER SET utf8mb4`,
];

/** Three numbers: rows of the filled table, how many of them say what is compacted (kine has one), and whether there is a table to be replaced. */
export const stagedContents = `SELECT COUNT(*), COALESCE(SUM(name = 'compact_rev_key'), 0), ${datastoreIsThere} FROM ${staged}`;

/** What the table is called that was replaced. */
export const replacedTable = (stamp: string): string => `${datastoreTable}_until_${stamp}`;

/**
 * The switch, while no kine runs. The revision goes on beyond every one that was given, by a row as kine makes for a number that nobody got; all
 * before it counts as compacted, so that who watched from there has to read anew. The tables change places in one statement.
 */
export function switchTables(stamp: string, isThere: boolean): string[] {
  const last = (table: string): string => `(SELECT COALESCE(MAX(id), 0) FROM ${table})`;
  const old = `${datastoreSchema}.${replacedTable(stamp)}`;
  return [
    `SET @revision = GREATEST(${last(staged)}, ${isThere ? last(current) : 0}) + ${skippedRevisions}`,
    `INSERT INTO ${staged} (id, name, created, deleted, create_revision, prev_revision, lease) VALUES (@revision, CONCAT('gap-', @revision), 0, 1, 0, 0, 0)`,
    `UPDATE ${staged} SET prev_revision = @revision WHERE name = 'compact_rev_key'`,
    `RENAME TABLE ${staged} TO ${ready}`,
    takeTurns(`kine_in_turn_${stamp}`, `${datastoreTable}_restored`),
    `RENAME TABLE ${isThere ? `${current} TO ${old}, ` : ""}${ready} TO ${current}`,
    `DROP DATABASE ${stagingSchema}`,
  ];
}
