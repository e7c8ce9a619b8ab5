const contentTypes: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
  tiff: "image/tiff",
  bmp: "image/bmp",
  ico: "image/vnd.microsoft.icon",
  pdf: "application/pdf",
  zip: "application/zip",
  tgz: "application/gzip",
  css: "text/css",
  json: "application/json",
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  txt: "text/plain; charset=utf-8",
};

/** Formats that a browser could execute in this server's origin. */
const active = new Set(["svg", "html", "htm", "xhtml", "xml", "js", "mjs"]);

/**
 * Responds with bytes and headers that prevent content sniffing. Supports a single range, which video players request.
 */
export function served(
  file: { bytes: Buffer; format: string },
  request: Request,
  more: Record<string, string> = {},
): Response {
  const { bytes, format } = file;
  const headers = {
    "Content-Type": contentType(bytes, format),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
    ...(active.has(format)
      ? { "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox" }
      : {}),
    ...more,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const from = Number(range?.[1] ?? 0);
  if (range === null || from >= bytes.length) return new Response(new Uint8Array(bytes), { headers });
  const to = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  return new Response(new Uint8Array(bytes.subarray(from, to + 1)), {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${from}-${to}/${bytes.length}` },
  });
}

/** Videos made here are always WebM, so the type comes from the bytes, not from the extension. */
function contentType(bytes: Buffer, format: string): string {
  if (bytes.subarray(0, 4).toString("hex") === "1a45dfa3") return "video/webm";
  return contentTypes[format] ?? "application/octet-stream";
}
