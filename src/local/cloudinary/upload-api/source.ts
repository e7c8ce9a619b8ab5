import { ApiError, missing, notHere } from "../api-error.ts";
import { parseDeliveryPath } from "../delivery/delivery-url.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";

export interface Source {
  bytes: Uint8Array;
  fileName: string;
}

/** The bytes of an upload: a form file, a data URI, an address of this cloud, or a URL on loopback. */
export async function readSource(cloud: Cloud, params: Params): Promise<Source> {
  if (params.file !== null) return { bytes: await params.file.bytes(), fileName: params.file.name };
  const file = params.text("file");
  if (file === undefined) throw missing("file");
  if (file.startsWith("data:")) return dataUri(file);
  if (/^https?:\/\//.test(file)) return remote(cloud, new URL(file));
  throw notHere(`source like ${file.slice(0, 40)}`);
}

function dataUri(text: string): Source {
  const parts = /^data:([\w/+.-]*)(?:;[\w=.-]+)*?(;base64)?,([\s\S]*)$/.exec(text);
  if (parts === null) throw new ApiError(400, "Invalid data URI");
  const [, , base64, data = ""] = parts;
  const bytes = base64 === undefined ? Buffer.from(decodeURIComponent(data)) : Buffer.from(data, "base64");
  return { bytes, fileName: "file" };
}

async function remote(cloud: Cloud, url: URL): Promise<Source> {
  const fileName = decodeURIComponent(url.pathname.split("/").at(-1) ?? "file");
  const own = ownAsset(cloud, url);
  if (own !== undefined) return { bytes: await cloud.store.read(own.file), fileName };
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    throw new ApiError(400, `Error in loading ${url} - the local Cloudinary only fetches from this machine`);
  }
  const response = await fetch(url).catch((cause: unknown) => {
    throw new ApiError(400, `Error in loading ${url} - no answer`, { cause });
  });
  if (!response.ok) throw new ApiError(400, `Error in loading ${url} - ${response.status}`);
  return { bytes: new Uint8Array(await response.arrayBuffer()), fileName };
}

/** The original behind one of this cloud's own addresses, whatever host they name. */
export function ownAsset(cloud: Cloud, url: URL) {
  const path = parseDeliveryPath(cloud, url.pathname);
  if (path === null) return undefined;
  const { resource_type, type, source } = path;
  const find = (public_id: string) => cloud.store.find({ resource_type, type, public_id });
  return find(source) ?? find(source.replace(/\.[A-Za-z0-9]+$/, ""));
}
