/** Secrets shorter than this are not looked for: replacing them would destroy the message and hide nothing. */
const shortest = 4;

/** Makes a function that replaces the given secrets in a text. A secret of several lines is replaced line by line as well. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const parts = new Set(
    secrets
      .flatMap((each) => [each, each.trim(), ...each.split(/\r?\n/).map((line) => line.trim())])
      .filter((each) => each.length >= shortest && !/^-----(BEGIN|END) [A-Z ]+-----$/.test(each)),
  );
  // The longest first: a secret may contain another.
  const ordered = [...parts].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((shown, each) => shown.replaceAll(each, "[secret]"), text);
}
