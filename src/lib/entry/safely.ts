import { redact } from "../shared/redact.ts";

/**
 * The function, whose errors the platform may print: it writes every field of an error that is thrown out of a function to the log,
 * and those of the database quote rows and values. Every function is wrapped in it (test/structure.test.ts).
 */
export const safely =
  <C>(entry: (request: Request, context: C) => Promise<Response>) =>
  async (request: Request, context: C): Promise<Response> => {
    try {
      return await entry(request, context);
    } catch (error) {
      throw printable(error);
    }
  };

/** A new error with the name, the code, the place, and as much of the message as may be printed. Without `cause` and other fields. */
function printable(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("a value that is not an Error was thrown");
  const safe = new Error(redact(messageOf(error)).slice(0, 1_000));
  safe.name = error.name;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line));
  safe.stack = [`${safe.name}: ${safe.message}`, ...frames.map(redact)].join("\n");
  return safe;
}

/** SQLSTATE: of the database's errors, whose message quotes values. Codes of the operating system, such as `EPIPE`, begin with E. */
const sqlState = /^[0-9FHPX][0-9A-Z]{4}$/;

function messageOf(error: Error): string {
  const code = textIn(error, "code");
  if (code === null) return error.message;
  if (!sqlState.test(code)) return `${code}: ${error.message}`;
  const names = ["table", "column", "constraint"].flatMap((kind) => {
    const name = textIn(error, kind);
    return name === null ? [] : `${kind} ${name}`;
  });
  return `the database rejected a statement: SQLSTATE ${[code, ...names].join(", ")}`;
}

/** A field of the error itself. */
function textIn(error: Error, name: string): string | null {
  const value: unknown = Object.getOwnPropertyDescriptor(error, name)?.value;
  return typeof value === "string" && value !== "" ? value : null;
}
