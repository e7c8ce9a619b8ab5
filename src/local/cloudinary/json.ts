import type { z } from "zod";

/** Any JSON value in an API answer. */
export type Json = z.core.util.JSONType;
export type JsonObject = { [key: string]: Json };
