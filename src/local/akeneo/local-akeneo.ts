import type { z } from "zod";
import { type Fault, Faults } from "../faults.ts";
import { AkeneoError, errorAnswer } from "./answers.ts";
import { Catalogue, type CatalogueInput } from "./catalogue.ts";
import {
  type Operation,
  operations,
  productBody,
  productModelBody,
  productUuidBody,
  tokenBody,
} from "./operations.ts";
import { type Connection, LocalTokens } from "./tokens.ts";

export interface LocalAkeneoOptions extends Connection {
  catalogue?: CatalogueInput;
  now?: () => number;
}

/** A received call, for tests. */
export interface AkeneoCallSeen {
  operation: string;
  path: string;
  body: unknown;
  status: number;
}

export type LocalAkeneo = ReturnType<typeof localAkeneo>;

/** Akeneo limits concurrent calls per connection: https://api.akeneo.com/documentation/good-practices.html */
const maxAtOnce = 4;
const maxCalls = 1_000;

/** Emulates the part of Akeneo's REST API that `operations.ts` lists. `fetch` returns null for other paths. */
export function localAkeneo(options: LocalAkeneoOptions) {
  const faults = new Faults();
  const tokens = new LocalTokens(options, options.now ?? Date.now);
  const state = {
    catalogue: new Catalogue(options.catalogue ?? {}),
    calls: [] as AkeneoCallSeen[],
    /** The highest number of concurrent calls so far. */
    peak: 0,
  };
  let running = 0;

  async function api(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const found = operations.find(({ method, path }) => method === request.method && path.test(pathname));
    if (!found) return notFound(request, pathname);
    const seen: AkeneoCallSeen = { operation: found.name, path: pathname, body: null, status: 0 };
    state.calls.push(seen);
    if (state.calls.length > maxCalls) state.calls.shift();
    const answer = await answered(() => perform(found, { request, pathname, seen }));
    seen.status = answer.status;
    return answer;
  }

  async function perform(
    { name, path, body: schema }: Operation,
    { request, pathname, seen }: { request: Request; pathname: string; seen: AkeneoCallSeen },
  ): Promise<Response> {
    if (running > maxAtOnce)
      return errorAnswer(
        { status: 429, message: "You have exceeded the limit of API requests per second.", more: {} },
        { "retry-after": "15" },
      );
    const authorization = request.headers.get("authorization");
    if (name !== "post_token") tokens.require(authorization);
    checkAccept(request);
    const body = schema ? await readBody(request, schema, seen) : null;
    const code = decodeURIComponent(path.exec(pathname)?.[1] ?? "");
    switch (name) {
      case "post_token":
        return tokens.grant(tokenBody.parse(body), authorization);
      case "get_products__code_":
        return Response.json(state.catalogue.product(code));
      case "get_products_uuid__uuid_":
        return Response.json(state.catalogue.productByUuid(code));
      case "get_product_models__code_":
        return Response.json(state.catalogue.productModel(code));
      case "get_attributes__code_":
        return Response.json(state.catalogue.attribute(code));
      case "patch_products__code_":
        return updated(request, state.catalogue.patchProduct(code, productBody.parse(body)));
      case "patch_products_uuid__uuid_":
        return updated(request, state.catalogue.patchProductByUuid(code, productUuidBody.parse(body)));
      case "patch_product_models__code_":
        return updated(request, state.catalogue.patchProductModel(code, productModelBody.parse(body)));
      default:
        throw new Error(`The operation ${name} is listed and not emulated.`);
    }
  }

  return {
    faults,
    tokens,
    state,
    /** Replaces the whole catalogue. */
    fill(catalogue: CatalogueInput): void {
      state.catalogue = new Catalogue(catalogue);
    },
    async fetch(request: Request): Promise<Response | null> {
      if (!/^\/api\/(rest|oauth)\//.test(new URL(request.url).pathname)) return null;
      running += 1;
      state.peak = Math.max(state.peak, running);
      try {
        return await faults.around(request, api, faultAnswer);
      } finally {
        running -= 1;
      }
    },
  };
}

async function answered(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AkeneoError) return errorAnswer(error);
    throw error;
  }
}

function notFound({ method }: Request, pathname: string): Response {
  const message = `No route found for "${method} ${pathname}"`;
  return errorAnswer({ status: 404, message, more: {} });
}

function checkAccept(request: Request): void {
  const accept = request.headers.get("accept") ?? "*/*";
  if (!/application\/json|\*\/\*/.test(accept))
    throw new AkeneoError(
      406,
      `‘${accept}’ in ‘Accept‘ header is not valid. Only ‘application/json‘ is allowed.`,
    );
}

async function readBody(request: Request, schema: z.ZodType, seen: AkeneoCallSeen): Promise<unknown> {
  const type = request.headers.get("content-type");
  const isForm = type === "application/x-www-form-urlencoded" && seen.operation === "post_token";
  if (type === null)
    throw new AkeneoError(
      415,
      "The ‘Content-type’ header is missing. ‘application/json’ has to specified as value.",
    );
  if (type !== "application/json" && !isForm)
    throw new AkeneoError(
      415,
      `‘${type}’ in ‘Content-type’ header is not valid. Only ‘application/json’ is allowed.`,
    );
  const text = await request.text();
  seen.body = isForm ? Object.fromEntries(new URLSearchParams(text)) : parsed(text);
  if (seen.body === undefined) throw new AkeneoError(400, "Invalid json message received");
  const { success, error } = schema.safeParse(seen.body);
  if (success) return seen.body;
  const [issue] = error.issues;
  const [unknown] = issue?.code === "unrecognized_keys" ? issue.keys : [];
  throw new AkeneoError(
    422,
    unknown
      ? `Property "${unknown}" does not exist. Check the standard format documentation.`
      : `Property "${issue?.path.join(".")}": ${issue?.message}. Check the standard format documentation.`,
  );
}

/** Returns undefined if the body is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 201 for a created entry, 204 for an updated one, with its URL. */
function updated(request: Request, isNew: boolean): Response {
  return new Response(null, { status: isNew ? 201 : 204, headers: { location: request.url } });
}

function faultAnswer({ status, body, headers }: Fault): Response {
  return errorAnswer({ status, message: body ?? "Fault on request", more: {} }, headers);
}
