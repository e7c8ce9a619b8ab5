import type { ConnectionOptions } from "node:tls";
import { isLoopback } from "../shared/loopback.ts";

export type DatabaseUrlReading =
  | { ok: true; url: string; warnings: string[] }
  | { ok: false; problem: string };

/** Reads a database URL as users paste it, including `psql '…'`. Problems name the variable, never its value. */
export function readDatabaseUrl(name: string, text: string, ca: string | null): DatabaseUrlReading {
  const url = text.replace(/^psql\s+(["']?)(.*)\1$/s, "$2").trim();
  const problem = (what: string): DatabaseUrlReading => ({ ok: false, problem: `${name} ${what}` });
  const form = "postgresql://user:password@host:5432/database";
  if (/^(postgres(ql)?:\/\/)?[^:]+:[^@]*\[(YOUR-)?PASSWORD\]/i.test(url))
    return problem("holds a placeholder instead of a password");
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) return problem(`is not of the form ${form}`);
  const parsed = new URL(url);
  const { hostname, username, password, searchParams } = parsed;
  if (hostname === "" && !searchParams.has("host")) return problem(`names no host: ${form}`);
  if ([username, password, hostname].some((part) => /[<>]|^\*+$|^your[-_]/i.test(decode(part))))
    return problem("holds a placeholder instead of a user, password or host");
  const mode = searchParams.get("sslmode");
  if (mode !== null && !modes.has(mode)) return problem(`has an unknown sslmode: ${[...modes].join(", ")}`);
  const root = searchParams.get("sslrootcert");
  if (root !== null && root !== "system" && ca === null)
    return problem(
      "names a file as sslrootcert, which a function does not have; put its text into DATABASE_CA",
    );
  const isLocal = hostname === "" || isLoopback(parsed) || !hostname.includes(".");
  const isOpen = mode === "disable" || (mode === null && !isTrue(searchParams.get("ssl")) && ca === null);
  const warnings =
    isOpen && !isLocal
      ? [`${name} connects to another host without encryption; add sslmode=require, or verify-full`]
      : [];
  return { ok: true, url, warnings };
}

const modes: ReadonlySet<string> = new Set([
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
  "no-verify",
]);

/** Parameters that pg interprets by its own rules, and warns about at each start. */
const tlsParameters = ["ssl", "sslmode", "sslrootcert", "sslnegotiation", "uselibpqcompat"];

export interface Connection {
  connectionString: string;
  /** If absent, the connection is not encrypted. */
  ssl: ConnectionOptions | false;
}

/**
 * The pg options for a database URL. As with PostgreSQL's own clients, `verify-full` verifies the certificate and the host name, and
 * `require` encrypts. `require` is first tried with verification; only if that fails, `unverified` allows a connection without it.
 */
export function connectionOptions(url: string, ca: string | null = null, unverified = false): Connection {
  if (!URL.canParse(url)) return { connectionString: url, ssl: false };
  const parsed = new URL(url);
  const given = parsed.searchParams.get("sslmode");
  const root = parsed.searchParams.get("sslrootcert");
  const mode = given ?? (isTrue(parsed.searchParams.get("ssl")) || ca !== null ? "require" : "disable");
  for (const name of tlsParameters) parsed.searchParams.delete(name);
  return {
    connectionString: parsed.href,
    ssl: tls(root === "system" ? "verify-full" : mode, ca, unverified),
  };
}

function tls(mode: string, ca: string | null, unverified: boolean): ConnectionOptions | false {
  const trusted = ca === null ? {} : { ca };
  switch (mode) {
    case "disable":
    case "allow":
      return false;
    case "verify-full":
      return { ...trusted, rejectUnauthorized: true };
    case "no-verify":
      return { rejectUnauthorized: false };
    case "verify-ca":
      return { ...trusted, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    default:
      return ca === null
        ? { rejectUnauthorized: !unverified }
        : { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  }
}

/** Error codes for a certificate of an unknown authority, or for another host name. */
const unverifiable = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Whether the connection failed because of a certificate that the URL does not require to be verified. */
export function mayGoUnverified(error: unknown, url: string, ca: string | null = null): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (ca !== null || !unverifiable.has(code) || !URL.canParse(url)) return false;
  const { searchParams } = new URL(url);
  const mode = searchParams.get("sslmode") ?? "require";
  return (mode === "require" || mode === "prefer") && searchParams.get("sslrootcert") !== "system";
}

export const unverifiedWarning =
  "the database's certificate cannot be verified; set DATABASE_CA to its authority's, or use sslmode=no-verify";

/** The text of certificates, as in a file, or with a literal `\n` in place of line breaks. Null if it contains none. */
export function readCa(text: string): string | null {
  const pem = text.replaceAll("\\n", "\n").replaceAll("\r", "");
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  return blocks === null ? null : `${blocks.map(withLines).join("\n")}\n`;
}

/** Single-line input fields turn line breaks into spaces, which OpenSSL does not accept. */
function withLines(block: string): string {
  const body = block.replace(/-----(BEGIN|END) CERTIFICATE-----/g, "").replace(/\s+/g, "");
  return `-----BEGIN CERTIFICATE-----\n${body.match(/.{1,64}/g)?.join("\n")}\n-----END CERTIFICATE-----`;
}

const isTrue = (value: string | null): boolean => value === "true" || value === "1";

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
