import * as z from "zod";
import type { Asset } from "../asset.ts";
import { define, wire } from "../define.ts";

const text = z.string().nullish();

export const analyze = define("analyze", {
  when: "an asynchronous analysis finishes",
  carries: "`taskId`; `data`, or `error` with category, code and message",
  schema: wire("analyze", {
    task_id: z.string(),
    operation_name: text,
    operation_type: text,
    http_status: z.number().nullish(),
    data: z.unknown().optional(),
    limits: z.unknown().optional(),
    error: z
      .looseObject({ category: text, code: z.union([z.string(), z.number()]).nullish(), message: text })
      .nullish(),
  }),
  read: (body) => ({
    assets: noAssets(),
    taskId: body.task_id,
    data: body.data,
    error: readError(body.error),
  }),
});

function noAssets(): Asset[] {
  return [];
}

function readError(wire: { category?: unknown; code?: unknown; message?: unknown } | null | undefined) {
  if (!wire) return undefined;
  const text = (value: unknown) => (value === null || value === undefined ? undefined : String(value));
  return { category: text(wire.category), code: text(wire.code), message: text(wire.message) };
}
