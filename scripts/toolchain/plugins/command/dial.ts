import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import ssh2, { type AuthenticationType, type Client, type ConnectConfig } from "ssh2";
import type { Context } from "../provider/provider.ts";
import { fingerprint, type PinnedKey, parsePinnedKey, typeOf } from "./host-key.ts";
import type { ConnectionInputs, HostInputs } from "./shapes.ts";

/** A peer that answers nothing for a minute is gone, also where the network says nothing. */
const keepalive = { keepaliveInterval: 15_000, keepaliveCountMax: 4 };
const firstDelayMs = 100;
const largestDelayMs = 5_000;

export interface Dialled {
  readonly client: Client;
  /** `host:port`, for messages. */
  readonly name: string;
  close(): void;
}

/** A failure that another attempt can't mend. */
class FinalError extends Error {}

/** Connects, through the proxy where there is one; repeats failed attempts as the official plugin does, but no mismatch of host keys. */
export async function dial(connection: ConnectionInputs, context: Context, urn: string): Promise<Dialled> {
  const target = prepare(connection, "connection");
  if (!connection.proxy) {
    const client = await retry("Dial", target, context, urn, () => attempt(target, context.signal, undefined));
    return { client, name: target.name, close: () => client.end() };
  }
  const bastion = prepare(connection.proxy, "connection.proxy");
  const outer = await retry("Dial proxy", bastion, context, urn, () => attempt(bastion, context.signal, undefined));
  try {
    const client = await retry("Dial from proxy", target, context, urn, async () =>
      attempt(target, context.signal, await forward(outer, target, bastion.name)),
    );
    return { client, name: target.name, close: () => [client, outer].forEach((each) => void each.end()) };
  } catch (error) {
    outer.end();
    throw error;
  }
}

interface Target {
  readonly inputs: HostInputs;
  readonly where: string;
  readonly name: string;
  readonly pinned: PinnedKey | undefined;
  readonly config: ConnectConfig;
  /** What it offers to authenticate with, for messages. */
  readonly offers: string;
}

/** Everything that can be wrong without a network is found here, before the first attempt. */
function prepare(inputs: HostInputs, where: string): Target {
  const pinned = inputs.hostKey === undefined ? undefined : parsePinnedKey(inputs.hostKey, `${where}.hostKey`);
  const offers: string[] = [];
  const methods: AuthenticationType[] = [];
  if (inputs.privateKey !== undefined) {
    const parsed = ssh2.utils.parseKey(inputs.privateKey, inputs.privateKeyPassword);
    if (parsed instanceof Error) {
      throw new Error(
        `${where}.privateKey: it can't be read as a private key${inputs.privateKeyPassword ? " with the given privateKeyPassword" : ""}: ${parsed.message}`,
      );
    }
    offers.push(`private key ${fingerprint((Array.isArray(parsed) ? parsed[0] : parsed).getPublicSSH())}`);
    methods.push("publickey");
  }
  if (inputs.password !== undefined) {
    offers.push("password");
    methods.push("password", "keyboard-interactive");
  }
  const agent = inputs.agentSocketPath ?? agentOfEnvironment();
  if (agent !== undefined) {
    offers.push(`agent at ${agent}`);
    methods.push("agent");
  }
  const config: ConnectConfig = {
    ...keepalive,
    host: inputs.host,
    port: inputs.port,
    username: inputs.user,
    readyTimeout: inputs.perDialTimeout * 1000,
    authHandler: methods,
    tryKeyboard: inputs.password !== undefined,
    ...(inputs.privateKey !== undefined && { privateKey: inputs.privateKey }),
    ...(inputs.privateKeyPassword !== undefined && { passphrase: inputs.privateKeyPassword }),
    ...(inputs.password !== undefined && { password: inputs.password }),
    ...(agent !== undefined && { agent }),
    ...(pinned && { algorithms: { serverHostKey: pinned.algorithms } }),
  };
  return { inputs, where, name: `${inputs.host}:${inputs.port}`, pinned, config, offers: offers.join(", ") || "nothing" };
}

/** A left-over variable that points nowhere is not a reason to fail. */
function agentOfEnvironment(): string | undefined {
  const path = process.env["SSH_AUTH_SOCK"];
  return path && statSync(path, { throwIfNoEntry: false })?.isSocket() ? path : undefined;
}

async function retry<T>(what: string, target: Target, context: Context, urn: string, work: () => Promise<T>): Promise<T> {
  const limit = target.inputs.dialErrorLimit;
  for (let failed = 1, wait = firstDelayMs; ; failed++, wait = Math.min(wait * 1.5, largestDelayMs)) {
    try {
      return await work();
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      if (error instanceof FinalError) throw error;
      if (limit > -1 && failed > limit)
        throw new Error(`${(error as Error).message} (attempt ${failed} of ${limit + 1}, the last one)`);
      const message = `${what} ${failed}/${limit < 0 ? "inf" : limit} failed: retrying`;
      await context.engine.log("info", message, { urn, ephemeral: true });
      await delay(wait, undefined, { signal: context.signal }).catch(() => {});
      context.signal.throwIfAborted();
    }
  }
}

function attempt(target: Target, signal: AbortSignal, sock: ConnectConfig["sock"]): Promise<Client> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const client = new ssh2.Client();
    let mismatch: string | undefined;
    const fail = (error: Error) => {
      signal.removeEventListener("abort", onAbort);
      client.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("ready", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(client);
    });
    client.once("close", () => fail(new Error(`${target.name} closed the connection before it was ready`)));
    // Stays for the connection's whole life: an error event without a listener would end the process.
    client.on("error", (error) => {
      if (error.level !== "agent") fail(mismatch !== undefined ? new FinalError(mismatch) : describe(error, target));
    });
    client.on("keyboard-interactive", (_name, _text, _language, prompts, finish) =>
      finish(prompts.map(() => target.inputs.password ?? "")),
    );
    client.connect({
      ...target.config,
      ...(sock && { sock }),
      hostVerifier: (found: Buffer) => {
        if (!target.pinned || target.pinned.blob.equals(found)) return true;
        mismatch = mismatchMessage(target, `${typeOf(found)} ${fingerprint(found)}`);
        return false;
      },
    });
    // Without it each small message waits 40 ms for the other side's delayed acknowledgement: a fifth of a second a command.
    client.setNoDelay(true);
  });
}

function mismatchMessage({ pinned, where, name }: Target, found: string): string {
  return [
    `${where}.hostKey: ${name} does not have the pinned host key; nothing was run on it`,
    `  expected: ${pinned?.type} ${pinned ? fingerprint(pinned.blob) : ""}`,
    `  found:    ${found}`,
    "If the host was installed anew, replace its pinned key. If not, another machine answers at this address: find out which.",
  ].join("\n");
}

function describe(error: Error & { level?: string; code?: string }, target: Target): Error {
  if (/no matching host key/i.test(error.message) && target.pinned) {
    return new FinalError(mismatchMessage(target, `no key of type ${target.pinned.type}`));
  }
  if (error.level === "client-authentication") {
    return new Error(
      `${target.where}: ${target.name} refuses user ${target.inputs.user}; offered: ${target.offers}. Check the user and that the host knows this key`,
    );
  }
  if (error.level === "client-timeout") {
    return new Error(`${target.where}: ${target.name} did not answer within ${target.inputs.perDialTimeout} s (perDialTimeout)`);
  }
  return new Error(`${target.where}: no connection to ${target.name}: ${error.message || error.code}`);
}

function forward(outer: Client, target: Target, proxyName: string): Promise<NonNullable<ConnectConfig["sock"]>> {
  return new Promise((resolve, reject) => {
    outer.forwardOut("127.0.0.1", 0, target.inputs.host, target.inputs.port, (error, stream) => {
      if (error) reject(new Error(`${target.where}: ${proxyName} does not connect to ${target.name}: ${error.message}`));
      else resolve(stream);
    });
  });
}
