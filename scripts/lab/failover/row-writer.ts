// A client of the database, run as a process of its own in a host's network: one row after the other, each with its number, and a line of JSON
// about each. Its settings are in a file that only its owner reads. It ends when its standard input does.
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Connection, createConnection } from "mysql2/promise";
import { clientPatience } from "../../../environments/model/outages.ts";
import { hasEnded, say, settingsOf } from "../program.ts";
import { now, type Outcome, type Written } from "./records.ts";

/** How the row writer reaches the database and what it calls itself. */
export interface RowWriterSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly client: string;
  readonly pauseMs: number;
}

const settings = settingsOf<RowWriterSettings>();

/** A connection that is refused, or silent for too long, is given up: the next attempt may reach another balancer. */
function dial(): Socket {
  const socket = connect({ host: settings.host, port: settings.port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(new Error("no connection in time")), clientPatience.connect * 1000);
  socket.once("connect", () => clearTimeout(timer));
  socket.once("close", () => clearTimeout(timer));
  return socket;
}

async function login(): Promise<Connection> {
  const { host, user, database, ca, cert, key } = settings;
  // The driver compares names only, and the VIP is an address: what proves the server is the platform's authority.
  const ssl = { ca, cert, key, rejectUnauthorized: true, verifyIdentity: false };
  const connection = await createConnection({
    host,
    user,
    database,
    ssl,
    stream: dial,
    connectTimeout: clientPatience.rows * 1000,
  });
  connection.on("error", () => {});
  return connection;
}

/** Rejects, and drops the connection, when an answer takes longer than the client waits. */
async function inTime<T>(connection: Connection, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      connection.destroy();
      reject(new Error("no answer in time"));
    }, clientPatience.rows * 1000);
  });
  work.catch(() => {});
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const table = `CREATE TABLE IF NOT EXISTS entries (id BIGINT AUTO_INCREMENT PRIMARY KEY, client VARCHAR(64) NOT NULL,
  sequence BIGINT NOT NULL, at DATETIME(3) NOT NULL DEFAULT NOW(3), UNIQUE (client, sequence))`;

let connection: Connection | undefined;
let made = false;

async function write(sequence: number): Promise<{ outcome: Outcome; why?: string }> {
  let committing = false;
  try {
    connection ??= await login();
    if (!made) await connection.query(table);
    made = true;
    await inTime(connection, connection.query("START TRANSACTION"));
    await inTime(
      connection,
      connection.query("INSERT INTO entries (client, sequence) VALUES (?, ?)", [settings.client, sequence]),
    );
    committing = true;
    await inTime(connection, connection.query("COMMIT"));
    return { outcome: "acknowledged" };
  } catch (error) {
    const { message, code, errno } = error as NodeJS.ErrnoException & { errno?: number };
    connection?.destroy();
    connection = undefined;
    // A certification conflict is an answer: the server has rolled the row back.
    return {
      outcome: committing && errno !== 1213 ? "unknown" : "failed",
      why: code && !message.includes(code) ? `${code}: ${message}` : message,
    };
  }
}

for (let sequence = 1; !hasEnded(); sequence++) {
  const result = await write(sequence);
  const line: Written = { sequence, at: now(), ...result };
  say(line);
  await pause(settings.pauseMs);
}
connection?.destroy();
