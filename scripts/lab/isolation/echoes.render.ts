import { shellQuote } from "../../../components/host/shell.ts";

// Echoes of a host, sent by its own ping, and what came of each. Pure.

export interface Echo {
  readonly source: string;
  readonly address: string;
}

const echoesAtOnce = 40;

/** Shell that tries all of them and prints a line of each: its ends, an exit code and what was complained of. */
export function renderEchoes(echoes: readonly Echo[], patienceMs: number): string {
  const seconds = Math.ceil(patienceMs / 1000);
  // A ping by a given address keeps to itself that there is no way out.
  const tried = `ip route get "$1" from "$0" > /dev/null && ping -n -q -c 1 -W ${seconds} -I "$0" "$1" > /dev/null`;
  const one = `problem=$({ ${tried}; } 2>&1); echo "$0 $1" $? $problem`;
  const pairs = echoes.map(({ source, address }) => shellQuote(`${source} ${address}`));
  return `printf '%s\\n' ${pairs.join(" ")} | xargs -P ${echoesAtOnce} -L 1 sh -c ${shellQuote(one)}`;
}

/** The line of an echo that was sent and not answered has this code and no complaint: ping(8). */
const silent = "1";

/** Of each echo whether it was answered, or why it was never sent. */
export function readEchoes(output: string, echoes: readonly Echo[]): ({ readonly failed: string } | "answered" | "silence")[] {
  const lines = new Map(
    [...output.matchAll(/^(\S+ \S+) (\d+) ?(.*)$/gm)].map(([, ends = "", code = "", problem = ""]) => [ends, { code, problem }]),
  );
  return echoes.map(({ source, address }) => {
    const { code, problem } = lines.get(`${source} ${address}`) ?? { code: "", problem: "the sender ended early" };
    if (code === "0") return "answered";
    return code === silent && problem === "" ? "silence" : { failed: problem || `code ${code}` };
  });
}
