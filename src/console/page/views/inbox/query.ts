/** The parameters of the address that narrow the list: the search, and fields that other views link to. */
const fields = [
  "q",
  "type",
  "publicId",
  "assetId",
  "requestId",
  "handler",
  "cloud",
  "since",
  "until",
] as const;
const states = ["due", "running", "done", "skipped", "held", "dead"] as const;

type State = (typeof states)[number];
export type Search = Partial<Record<(typeof fields)[number], string>> & { state?: State };

/** The search in the parameters of the address. */
export function searchOf(params: URLSearchParams): Search {
  const given = fields.flatMap((name) => {
    const value = params.get(name);
    return value ? [[name, value] as const] : [];
  });
  const state = states.find((name) => name === params.get("state"));
  return { ...Object.fromEntries(given), ...(state !== undefined && { state }) };
}

/** The query by which the API is asked for the list at this address. */
export function queryOf(params: URLSearchParams): URLSearchParams {
  const before = params.get("before");
  return new URLSearchParams({ ...searchOf(params), ...(before !== null && { before }) });
}
