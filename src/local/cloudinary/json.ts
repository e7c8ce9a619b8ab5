import type { z } from "zod";

/** What an answer of the API can hold. */
export type Json = z.core.util.JSONType;
export type JsonObject = { [key: string]: Json };
