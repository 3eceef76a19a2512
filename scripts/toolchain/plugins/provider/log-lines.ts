import { StringDecoder } from "node:string_decoder";
import type { EngineLog } from "./provider.ts";

/** A message's size; longer lines are cut into several. */
const largest = 64 * 1024;

/**
 * Passes output on to the engine as it comes, whole lines at a time. While one message is on its way the next lines gather, so that
 * megabytes of output cost few messages.
 */
export class LogLines {
  private readonly engine: EngineLog;
  private readonly urn: string;
  private readonly redact: (text: string) => string;
  private waiting = "";
  private sending: Promise<void> | undefined;

  constructor(engine: EngineLog, urn: string, redact: (text: string) => string) {
    this.engine = engine;
    this.urn = urn;
    this.redact = redact;
  }

  /** One stream's input: bytes in, and at its end the rest of the last line. Each stream has its own line and its own decoder. */
  stream(): { write(chunk: Buffer): void; end(): void } {
    const decoder = new StringDecoder("utf8");
    let open = "";
    const take = (text: string, all: boolean) => {
      open += text;
      const cut = all || open.length > largest ? open.length : open.lastIndexOf("\n") + 1;
      if (cut === 0) return;
      this.waiting += open.slice(0, cut);
      if (all && !this.waiting.endsWith("\n")) this.waiting += "\n";
      open = open.slice(cut);
      this.sending ??= this.send();
    };
    return {
      write: (chunk) => take(decoder.write(chunk), false),
      end: () => take(decoder.end(), true),
    };
  }

  /** Resolves when everything written so far has reached the engine. */
  async flushed(): Promise<void> {
    while (this.sending) await this.sending;
  }

  private async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const message = this.waiting.slice(0, largest);
      this.waiting = this.waiting.slice(largest);
      const shown = this.redact(message).trimEnd();
      if (shown) await this.engine.log("info", shown, { urn: this.urn, ephemeral: true });
    }
    this.sending = undefined;
  }
}
