import { isAsset, isUnknown, reveal, type Value } from "../provider/values.ts";

/** What of `source` can't be copied: an asset must be a file or a text, an archive a path. */
export function sourceProblem(source: Value | undefined): string | undefined {
  const asset = reveal(source);
  if (asset === undefined || asset === null || isUnknown(asset) || typeof asset !== "object" || Array.isArray(asset))
    return undefined;
  if (typeof asset["path"] === "string" || (isAsset(asset) && typeof asset["text"] === "string")) return undefined;
  return "it must be a FileAsset, a StringAsset or a FileArchive";
}
