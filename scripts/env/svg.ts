// The few shapes that the picture is made of. Every text is escaped; coordinates are whole numbers, so the file diffs well.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly mono?: boolean;
}

export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function rect(
  { x, y, width, height }: Box,
  fill: string,
  options: { radius?: number; stroke?: string; dash?: string } = {},
): string {
  const stroke = options.stroke ? ` stroke="${options.stroke}"` : "";
  const dash = options.dash ? ` stroke-dasharray="${options.dash}"` : "";
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${options.radius ?? 0}" fill="${fill}"${stroke}${dash}/>`;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 13, weight = 400, fill = "#1e293b", anchor = "start", mono = false } = style;
  const family = mono ? ' font-family="ui-monospace, SFMono-Regular, Menlo, DejaVu Sans Mono, monospace"' : "";
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}"${family}>${escapeXml(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 2): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" fill="none"/>`;
}

export function document(width: number, height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Inter, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}
