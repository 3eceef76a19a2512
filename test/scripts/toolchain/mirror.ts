import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { create } from "tar";
import { cliDownload, pluginDownload } from "../../../scripts/toolchain/official.ts";
import { cliVersion, pluginNames } from "../../../scripts/toolchain/versions.ts";

/** A server that stands in for a mirror of the official downloads: archives with scripts in them, and their checksums. */
export class Mirror {
  readonly asked: string[] = [];
  private readonly directory: string;
  private readonly server: Server;

  private constructor(directory: string) {
    this.directory = directory;
    this.server = createServer((request, response) => {
      this.asked.push(request.url ?? "");
      try {
        response.end(readFileSync(join(directory, request.url ?? "")));
      } catch {
        response.writeHead(404).end();
      }
    });
  }

  static async start(): Promise<Mirror> {
    const mirror = new Mirror(mkdtempSync(join(tmpdir(), "tandem-mirror-")));
    await mirror.put(cliDownload(), { "pulumi/pulumi": `echo v${cliVersion}`, "pulumi/pulumi-language-nodejs": "exit 0" });
    for (const name of pluginNames)
      await mirror.put(pluginDownload(name), { [`pulumi-resource-${name}`]: "exit 0", LICENSE: "" });
    await new Promise<void>((resolve) => mirror.server.listen(0, "127.0.0.1", resolve));
    return mirror;
  }

  get env(): Record<string, string> {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return { TANDEM_PULUMI_DOWNLOAD_URL: url, PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `.*=${url}` };
  }

  /** Changes an archive behind its checksum's back. */
  tamper(archive: string): void {
    writeFileSync(join(this.directory, archive), "not what was published");
  }

  forget(file: string): void {
    rmSync(join(this.directory, file));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async put(download: { archive: string; checksums: string }, files: Readonly<Record<string, string>>): Promise<void> {
    const content = mkdtempSync(join(tmpdir(), "tandem-archive-"));
    for (const [path, script] of Object.entries(files)) {
      mkdirSync(join(content, path, ".."), { recursive: true });
      writeFileSync(join(content, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    const archive = join(this.directory, download.archive);
    await pipeline(create({ cwd: content, gzip: true }, Object.keys(files)), createWriteStream(archive));
    rmSync(content, { recursive: true });
    const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");
    writeFileSync(
      join(this.directory, download.checksums),
      `${"0".repeat(64)}  something-else.tar.gz\n${sum}  ${download.archive}\n`,
    );
  }
}
