import { marked } from "marked";
import { renderPicture } from "../env/picture.ts";
import { escapeXml } from "../env/svg.ts";
import type { Change } from "./change.ts";
import { renderWhole } from "./markdown.ts";
import type { Page } from "./page.ts";

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; color: #0f172a; }
table { border-collapse: collapse; } td, th { border: 1px solid #cbd5e1; padding: .3rem .6rem; text-align: left; vertical-align: top; }
pre { background: #f1f5f9; padding: .7rem; overflow-x: auto; } svg { max-width: 100%; height: auto; }
`;

/** The whole page for a browser, with the map, on which the hosts that change are yellow. */
export function renderHtml(page: Page, { after }: Change): string {
  const hosts = new Set(page.rollout.flatMap(({ stacks }) => stacks.flatMap((stack) => stack.hosts)));
  const map = "refused" in after || hosts.size === 0 ? "" : renderPicture(after.topology, after.purposes, hosts);
  const title = escapeXml(`${page.platform}: ${page.verdict}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>${style}</style>
${marked.parse(renderWhole(page), { async: false })}
${map}
</html>
`;
}
