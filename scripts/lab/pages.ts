// Pages of services, asked on the host itself.

/** Seconds that one question may take. */
const patience = "--max-time 3";
export const page = (urls: readonly string[], options = ""): string =>
  `curl --silent ${patience} ${options} --write-out '\\nstatus %{http_code}\\n' ${urls.join(" ")}`;

/** Pages as curl prints them, each with its status behind it; 0 where nothing answered. */
export const pagesIn = (output: string): { readonly text: string; readonly code: number }[] =>
  [...output.matchAll(/([\s\S]*?)^status (\d{3})$\n?/gm)].map(([, text = "", code]) => ({
    text: text.trim(),
    code: Number(code),
  }));
