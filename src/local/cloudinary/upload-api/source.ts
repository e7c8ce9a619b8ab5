import { isLoopback } from "../../../lib/shared/loopback.ts";
import { ApiError, missing, notEmulated } from "../api-error.ts";
import { checkAccess } from "../delivery/access.ts";
import { parseDeliveryPath } from "../delivery/delivery-url.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

export interface Source {
  bytes: Uint8Array;
  fileName: string;
}

/**
 * Loads the bytes of an upload: a form file, a data URI, a URL of this cloud, or a loopback URL. Loopback needs a
 * signed call: otherwise any uploader could read what other programs on this machine serve.
 */
export async function readSource(cloud: Cloud, params: Params, call: { unsigned: boolean }): Promise<Source> {
  const source = await sourceOf(cloud, params, call);
  if (source.bytes.length === 0) throw new ApiError(400, "Empty file");
  return source;
}

async function sourceOf(cloud: Cloud, params: Params, { unsigned }: { unsigned: boolean }): Promise<Source> {
  if (params.file !== null) return { bytes: await params.file.bytes(), fileName: params.file.name };
  const file = params.text("file");
  if (file === undefined) throw missing("file");
  if (file.startsWith("data:")) return dataUri(file);
  if (URL.canParse(file) && /^https?:$/.test(new URL(file).protocol)) {
    const url = new URL(file);
    const own = ownAsset(cloud, url);
    if (own !== undefined) {
      if (unsigned) requirePublic(cloud, own, url);
      return { bytes: await cloud.store.read(own.file), fileName: fileNameOf(url) };
    }
    if (unsigned) throw notEmulated(`fetching ${url.host} for an unsigned upload`);
    return { bytes: await fetchLoopback(cloud, url), fileName: fileNameOf(url) };
  }
  throw notEmulated(`a source like ${file.slice(0, 40)}`);
}

function dataUri(text: string): Source {
  const parts = /^data:([\w/+.-]*)(?:;[\w=.-]+)*?(;base64)?,([\s\S]*)$/.exec(text);
  if (parts === null) throw new ApiError(400, "Invalid data URI");
  const [, , base64, data = ""] = parts;
  return { bytes: base64 === undefined ? percentDecoded(data) : Buffer.from(data, "base64"), fileName: "" };
}

function percentDecoded(data: string): Buffer {
  try {
    return Buffer.from(decodeURIComponent(data));
  } catch (cause) {
    throw new ApiError(400, "Invalid data URI", { cause });
  }
}

/** An unsigned call cannot copy an original that its caller may not download. */
function requirePublic(cloud: Cloud, asset: Asset, url: URL): void {
  const path = parseDeliveryPath(cloud, url.pathname);
  if (path !== null) checkAccess(cloud, asset, { ...path, transformation: "" });
}

function fileNameOf(url: URL): string {
  const name = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // A literal percent sign.
  }
}

const maxRedirects = 3;

/** Each redirect target must pass the same check as the first URL. */
async function fetchLoopback(cloud: Cloud, first: URL): Promise<Uint8Array> {
  const signal = AbortSignal.any([cloud.closing, AbortSignal.timeout(cloud.fetchLimits.ms)]);
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    if (!isLoopback(url))
      throw notEmulated(`fetching from ${url.host || url.protocol}, only from this machine`);
    const response = await fetch(url, { redirect: "manual", signal }).catch((cause: unknown) => {
      throw unloadable(first, "no answer", cause);
    });
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      if (!URL.canParse(location, url.href)) throw unloadable(first, "redirected to what is no address");
      url = new URL(location, url);
    } else if (response.ok) return await limited(cloud, response, first);
    else throw unloadable(first, String(response.status));
  }
  throw unloadable(first, `more than ${maxRedirects} redirects`);
}

async function limited(cloud: Cloud, response: Response, first: URL): Promise<Uint8Array> {
  const maxBytes = cloud.fetchLimits.bytes;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) break; // Also aborts the download.
      chunks.push(chunk);
    }
  } catch (cause) {
    throw unloadable(first, "the answer broke off or took too long", cause);
  }
  if (size > maxBytes) throw unloadable(first, `more than ${maxBytes} bytes`);
  return Buffer.concat(chunks);
}

const unloadable = (url: URL, reason: string, cause?: unknown): ApiError =>
  new ApiError(400, `Error in loading ${url} - ${reason}`, { cause });

/** Finds the original behind one of this cloud's own URLs, whatever its host. */
export function ownAsset(cloud: Cloud, url: URL) {
  const path = parseDeliveryPath(cloud, url.pathname);
  if (path === null) return undefined;
  const { resource_type, type, source } = path;
  const find = (public_id: string) => cloud.store.find({ resource_type, type, public_id });
  return find(source) ?? find(source.replace(/\.[A-Za-z0-9]+$/, ""));
}
