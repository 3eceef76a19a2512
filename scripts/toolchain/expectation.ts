import { closedBefore } from "./closed.ts";
import { existingCli, existingPlugin } from "./existing.ts";
import { builtGo, type GoPart } from "./go-build.ts";
import { cliDownload, type Download, downloadedAlready, pluginDownload } from "./official.ts";
import { builtParts } from "./parts.ts";
import { bridgedPlugins, type PluginName } from "./versions.ts";

/** What will run of a part that nothing has asked for yet. */
export interface Expected {
  readonly origin: string;
  readonly reason: string;
}

/** The CLI and its language host, as `chooseCli` would choose; nothing is fetched or built. */
export async function expectedCli(): Promise<Expected> {
  const existing = await existingCli();
  return existing ? { origin: "official", reason: existing.reason } : expected(cliDownload(), builtParts.cli);
}

/** A plugin, as `choosePlugin` would choose. */
export function expectedPlugin(name: PluginName): Expected {
  const existing = existingPlugin(name);
  if (existing) return { origin: "official", reason: `found at ${existing}` };
  return expected(pluginDownload(name), (bridgedPlugins as readonly string[]).includes(name) ? builtParts.bridged : undefined);
}

function expected(download: Download, part: GoPart | undefined): Expected {
  if (downloadedAlready(download)) return { origin: "official", reason: `downloaded before, from ${download.base}` };
  const closed = closedBefore(download.base);
  const how = part ? (builtGo(part) ? "built already" : "will be built from Go modules") : "this project's portable one";
  const other = part ? "built" : "portable";
  if (closed) return { origin: other, reason: `${how}: ${closed}` };
  return { origin: `official or ${other}`, reason: `will be downloaded from ${download.base}; where that gives nothing, ${how}` };
}
