import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../console/errors.ts";
import { paced, type Report } from "../console/steps.ts";

/** A network that lets packets vanish must not hold up a build for long. */
const answerSeconds = 5;
const stallSeconds = 30;

/** The place of official downloads does not give what is asked for: the next way of getting it is tried. */
export class DownloadRefused extends Error {
  override readonly name = "DownloadRefused";
}

/** Downloads an archive beside whose address a list of SHA-256 sums is published, and refuses one that differs from it. */
export async function downloadVerified(
  base: string,
  archive: string,
  checksums: string,
  target: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const sums = await (await open(`${base}/${checksums}`, signal)).text();
  const published = sums.split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trim()));
  const wanted = published.find((match) => match?.[2] === archive)?.[1];
  if (!wanted) throw new DownloadRefused(`${base}/${checksums} has no SHA-256 sum of ${archive}`);
  await fetchTo(`${base}/${archive}`, archive, target, report, signal);
  const found = await sha256Of(target);
  if (found !== wanted) {
    throw new UserError(
      `${base}/${archive}: its content does not have the published checksum\n` +
        `  found:     ${found}\n  published: ${wanted} (${checksums})\n` +
        "Nothing of it was used. Ask who runs that server, or name another one, then run again.",
    );
  }
}

async function open(url: string, signal?: AbortSignal): Promise<Response> {
  const controller = new AbortController();
  const clock = setTimeout(() => controller.abort(), answerSeconds * 1000);
  const signals = signal ? [controller.signal, signal] : [controller.signal];
  try {
    const response = await fetch(url, { signal: AbortSignal.any(signals), redirect: "follow" });
    if (!response.ok) throw new DownloadRefused(`${url} answers ${response.status}`);
    return response;
  } catch (error) {
    if (error instanceof DownloadRefused) throw error;
    const silent = controller.signal.aborted;
    throw new DownloadRefused(silent ? `${url} does not answer within ${answerSeconds} s` : `${url}: ${causeOf(error)}`);
  } finally {
    clearTimeout(clock);
  }
}

async function fetchTo(url: string, name: string, target: string, report: Report, signal?: AbortSignal): Promise<void> {
  const stalled = new AbortController();
  const response = await open(url, signal ? AbortSignal.any([stalled.signal, signal]) : stalled.signal);
  if (!response.body) throw new DownloadRefused(`${url} is empty`);
  const total = Number(response.headers.get("content-length") ?? 0);
  let received = 0;
  const progress = paced(report);
  let clock = setTimeout(() => stalled.abort(), stallSeconds * 1000);
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(clock);
      clock = setTimeout(() => stalled.abort(), stallSeconds * 1000);
      received += chunk.length;
      progress(`${name}: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""} MB`);
      done(undefined, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body), counter, createWriteStream(target));
  } catch (error) {
    throw new DownloadRefused(`${url} broke off after ${megabytes(received)} MB: ${causeOf(error)}`);
  } finally {
    clearTimeout(clock);
  }
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(0);

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
