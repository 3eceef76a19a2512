/** One resource that may break one rule of policies/, until a day. */
export interface PolicyException {
  readonly name: string;
  readonly rule: string;
  readonly resource: string;
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
}
