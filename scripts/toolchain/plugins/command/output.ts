import type { LogLines } from "../provider/log-lines.ts";
import type { CommonInputs } from "./shapes.ts";

/** More than this can't become a property: the state is one JSON document. */
const largestOutput = 100 * 1024 * 1024;
/** How much of a failed command's output its error shows: the end of it. */
const shownOutput = 16 * 1024;
const shownCommand = 2 * 1024;

/** What a command writes: kept for its properties, logged as it comes, and its end kept for an error. */
export class Output {
  private readonly streams;
  private readonly logging: CommonInputs["logging"];
  private tail = Buffer.alloc(0);
  private cut = false;
  private total = 0;

  constructor(logging: CommonInputs["logging"], lines: LogLines) {
    this.logging = logging;
    this.streams = {
      stdout: { chunks: [] as Buffer[], log: this.shows("stdout") ? lines.stream() : undefined },
      stderr: { chunks: [] as Buffer[], log: this.shows("stderr") ? lines.stream() : undefined },
    };
  }

  /** Throws when the output has become too large to keep. */
  take(name: "stdout" | "stderr", chunk: Buffer): void {
    this.total += chunk.length;
    if (this.total > largestOutput) {
      throw new Error(
        `it wrote more than ${largestOutput / 1024 / 1024} MiB, which would all be stored in the stack's state: let it write to a file`,
      );
    }
    const stream = this.streams[name];
    stream.chunks.push(chunk);
    stream.log?.write(chunk);
    if (!stream.log) return;
    this.tail = Buffer.concat([this.tail, chunk]);
    if (this.tail.length > shownOutput) {
      this.cut = true;
      this.tail = this.tail.subarray(-shownOutput);
    }
  }

  end(): void {
    this.streams.stdout.log?.end();
    this.streams.stderr.log?.end();
  }

  /** As the official plugin: without the last newline. Bytes that are not UTF-8 become U+FFFD, as JSON can't hold them. */
  text(name: "stdout" | "stderr"): string {
    return Buffer.concat(this.streams[name].chunks).toString("utf8").replace(/\n$/, "");
  }

  /** The error of a command that failed. What `logging` keeps out of the log is kept out of the error as well. */
  failure(what: string, command: string, redact: (text: string) => string): Error {
    const shown = redact(command);
    const start = shown.length > shownCommand ? `${shown.slice(0, shownCommand)} …` : shown;
    const rest = redact(this.tail.toString("utf8"));
    const hidden = (["stdout", "stderr"] as const).filter((name) => !this.shows(name) && this.streams[name].chunks.length > 0);
    return new Error(
      [
        `${redact(what)}: running ${JSON.stringify(start)}:`,
        ...(this.cut ? ["(earlier output left out)"] : []),
        ...(rest ? [rest.trimEnd()] : []),
        ...hidden.map((name) => `(${name} is not shown: logging is ${this.logging})`),
      ].join("\n"),
    );
  }

  private shows(name: "stdout" | "stderr"): boolean {
    return this.logging === undefined || this.logging === "stdoutAndStderr" || this.logging === name;
  }
}
