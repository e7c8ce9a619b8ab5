import type { Config } from "@netlify/functions";

export default () => new Response("ok");

export const config: Config = { path: "/empty" };
