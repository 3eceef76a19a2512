import { same } from "../provider/differences.ts";
import { isObject, isSecret, plain, reveal, secret, type Value, type Values } from "../provider/values.ts";
import { at, textAt } from "./manifest.ts";

/**
 * What the program asked for, as the cluster has it now. Where the cluster still holds what it held after the last update, the program's
 * own spelling stays ("1000m" is kept as "1"); where it was changed, the live value shows. What the program never asked for is left out:
 * it belongs to others.
 */
export function refreshedInputs(inputs: Values, last: Values, live: Values): Values {
  const [before, now] = [withStringData(last), withStringData(live)];
  const result = refreshed(inputs, before, now);
  return isObject(result) ? result : inputs;
}

function refreshed(input: Value, last: Value | undefined, live: Value | undefined): Value {
  const [wanted, before, now] = [reveal(input) ?? null, reveal(last), reveal(live)];
  if (same(plain(before ?? null), plain(now ?? null))) return input;
  const keep = (value: Value) => (isSecret(input) ? secret(plain(value)) : value);
  if (isObject(wanted) && isObject(now)) {
    const lastOf = (key: string) => (isObject(before) ? before[key] : undefined);
    const entries = Object.entries(wanted)
      .filter(([key]) => now[key] !== undefined || lastOf(key) === undefined)
      .map(([key, value]) => [key, refreshed(value, lastOf(key), now[key])] as const);
    return keep(Object.fromEntries(entries));
  }
  if (Array.isArray(wanted) && Array.isArray(now)) return keep(refreshedList(wanted, Array.isArray(before) ? before : [], now));
  return keep(now ?? null);
}

/** Elements with names are found by them, wherever others put theirs; others by position while the length agrees. */
function refreshedList(wanted: Value[], before: Value[], now: Value[]): Value[] {
  const named = (list: Value[]) => list.every((each) => textAt(each, "name") !== undefined);
  if (named(wanted) && named(now)) {
    const find = (list: Value[], each: Value) => list.find((other) => textAt(other, "name") === textAt(each, "name"));
    return wanted.flatMap((each) => {
      const live = find(now, each);
      return live === undefined ? [] : [refreshed(each, find(before, each), live)];
    });
  }
  if (wanted.length !== now.length) return now;
  return wanted.map((each, index) => refreshed(each, before[index], now[index]));
}

/** The API server turns a Secret's `stringData` into `data`; the other way round, a change of it can be seen. */
function withStringData(object: Values): Values {
  const data = plain(at(object, "data") ?? {});
  if (textAt(object, "kind") !== "Secret" || !isObject(data)) return object;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), "base64").toString("utf8")]);
  return { ...object, stringData: Object.fromEntries(decoded) as Values };
}

/** Inputs for an object that the program never made: it is imported. */
export function importedInputs(live: Values): Values {
  const { status: _status, metadata, ...rest } = live;
  const born = new Set(["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"]);
  const kept = isObject(metadata) ? Object.entries(metadata).filter(([key]) => !born.has(key)) : [];
  return { ...rest, metadata: Object.fromEntries(kept) };
}
