import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import pLimit from "p-limit";
import type { SFTPWrapper } from "ssh2";
import type { Context } from "../provider/provider.ts";
import { plain, type Values } from "../provider/values.ts";
import { dial } from "./dial.ts";
import type { ConnectionInputs } from "./shapes.ts";

const filesAtOnce = 8;

/** Copies a file, a text or a directory to a host, over SFTP. */
export async function copyToRemote(inputs: Values, context: Context, urn: string): Promise<void> {
  const { connection, source, remotePath } = plain(inputs) as unknown as {
    connection: ConnectionInputs;
    source: { path?: string; text?: string };
    remotePath: string;
  };
  const dialled = await dial(connection, context, urn);
  const { client, name } = dialled;
  const gone = new Promise<never>((_resolve, reject) => {
    client.once("close", () =>
      reject(new Error(`the connection to ${name} was lost during the copy: ${remotePath} may be there in part`)),
    );
    const onAbort = () =>
      reject(new Error(`stopped: ${(context.signal.reason as Error).message}: ${name}:${remotePath} may be there in part`));
    context.signal.addEventListener("abort", onAbort, { once: true });
  });
  gone.catch(() => {});
  try {
    const sftp = await Promise.race([call<SFTPWrapper>("start SFTP on", name, (done) => client.sftp(done)), gone]);
    const target = new Target(sftp, name);
    const work =
      source.path === undefined ? target.putText(source.text ?? "", remotePath) : target.putPath(source.path, remotePath);
    await Promise.race([work, gone]);
  } finally {
    dialled.close();
  }
}

type Done<T> = (error: Error | undefined | null, value: T) => void;

/** A call of ssh2 as a promise whose error says what was being done. */
function call<T = void>(what: string, path: string, start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    start((error, value) => (error ? reject(new Error(`can't ${what} ${path}: ${error.message}`)) : resolve(value))),
  );
}

type Kind = "directory" | "other" | "missing";
const noSuchFile = 2;

class Target {
  private readonly sftp: SFTPWrapper;
  private readonly host: string;

  constructor(sftp: SFTPWrapper, host: string) {
    this.sftp = sftp;
    this.host = host;
  }

  async putText(text: string, path: string): Promise<void> {
    if ((await this.kind(path)) === "directory") {
      throw new Error(`remotePath: ${this.host}:${path} is a directory; a text needs the path of a file`);
    }
    await this.makeDirectory(posix.dirname(path));
    await call("write", `${this.host}:${path}`, (done: Done<void>) => this.sftp.writeFile(path, text, (error) => done(error)));
  }

  /** A directory goes below `path`, its contents into `path` when the source ends with a slash; a file goes to `path` or into it. */
  async putPath(source: string, path: string): Promise<void> {
    const isDirectory = (await stat(source)).isDirectory();
    const there = await this.kind(path);
    if (isDirectory && there === "other") throw new Error(`remotePath: ${this.host}:${path} exists and is not a directory`);
    if (!isDirectory) {
      if (there !== "directory") await this.makeDirectory(posix.dirname(path));
      return this.putFile(source, there === "directory" ? posix.join(path, basename(source)) : path);
    }
    await this.makeDirectory(path);
    return this.putDirectory(source, source.endsWith("/") ? path : posix.join(path, basename(source)));
  }

  private async putDirectory(source: string, path: string): Promise<void> {
    await this.makeDirectory(path);
    const entries = await readdir(source, { recursive: true, withFileTypes: true });
    const remote = (entry: (typeof entries)[number]) =>
      posix.join(path, entry.parentPath.slice(join(source, "/").length - 1), entry.name);
    for (const entry of entries.filter((each) => each.isDirectory())) await this.makeDirectory(remote(entry));
    const limit = pLimit(filesAtOnce);
    const files = entries.filter((each) => !each.isDirectory());
    await Promise.all(files.map((entry) => limit(() => this.putFile(join(entry.parentPath, entry.name), remote(entry)))));
  }

  private async putFile(source: string, path: string): Promise<void> {
    await call("write", `${this.host}:${path}`, (done: Done<void>) =>
      this.sftp.fastPut(source, path, (error) => done(error, undefined)),
    );
  }

  private async makeDirectory(path: string): Promise<void> {
    const there = await this.kind(path);
    if (there === "directory") return;
    if (there === "other") throw new Error(`remotePath: ${this.host}:${path} exists and is not a directory`);
    await this.makeDirectory(posix.dirname(path));
    await call("make directory", `${this.host}:${path}`, (done: Done<void>) =>
      this.sftp.mkdir(path, (error) => done(error, undefined)),
    );
  }

  private kind(path: string): Promise<Kind> {
    return new Promise((resolve, reject) =>
      this.sftp.stat(path, (error, stats) => {
        if (!error) resolve(stats.isDirectory() ? "directory" : "other");
        else if ((error as Error & { code?: number }).code === noSuchFile) resolve("missing");
        else reject(new Error(`can't look at ${this.host}:${path}: ${error.message}`));
      }),
    );
  }
}
