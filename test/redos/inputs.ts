import type { Attack } from "./worst-cases.ts";

/** The longest text that an expression meets, in characters, and why it is no longer. */
export interface Input {
  longest: number;
  why: string;
  /** Where recheck found neither a proof nor an attack: the worst text that we can think of. */
  attack?: Attack;
}

const variable = {
  longest: 4_000,
  why: "a variable of the environment, a setting or an option of the command line",
};
const ours = { longest: 2_000, why: "source code or a template of this project" };
const drawn = { longest: 2_000, why: "what an operator writes or pastes into the console" };
const reason = { longest: 2_000, why: "the reason of a delivery, which is cut before it is stored" };
const local = { longest: 1_000, why: "input of the emulators, on the machine of a developer" };
const file = { longest: 10_000, why: "a body that an operator gives to `webhooks doctor`" };
const header = { longest: 1_000, why: "a line of the headers that an operator gives to `webhooks doctor`" };
const any = { longest: 200_000, why: "texts of bodies and of errors; it looks at most 700 characters ahead" };

/** The inputs of the expressions that recheck does not find safe. Every other one takes texts of any length. */
export const inputs: ReadonlyMap<string, Input> = new Map<string, Input>([
  [String.raw`/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,;\n])+/g`, variable],
  [String.raw`/(\/api(\/(rest|oauth)(\/v1)?)?)?\/*$/`, variable],
  [String.raw`/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g`, variable],
  [String.raw`/\/+$/`, variable],
  [String.raw`/^(?:"(?:\\.|[^"\\])*"|[^"<>@]*)\s*<([^<>]*)>$/`, variable],
  [String.raw`/^\/+|\/+$/g`, variable],
  [String.raw`/(?:from|import)\s*\(?\s*(["'])(\.{1,2}\/[^"']+)\.js\1/g`, ours],
  [String.raw`/\{\{#(\w+)\}\}(.*?)\{\{\/\1\}\}|\{\{(\w+)\}\}/gs`, ours],
  [String.raw`/^[-\d]+|-+$/g`, ours],
  [String.raw`/^\s*NODE_VERSION\s*=\s*"([^"]+)"/m`, ours],
  [String.raw`/^export const handlers = \[([\s\S]*?),?\s*\] as const;$/m`, ours],
  [String.raw`/^(.*?)((?:[^\s"]|"[^"]*"?)*)$/s`, drawn],
  [String.raw`/^(.*?)(-?[a-z]+:(?:"[^"]+"|[^\s"])+)\s$/is`, drawn],
  [String.raw`/(SendGrid|Resend)\D*429|limit|quota/i`, reason],
  [String.raw`/Resend\D*40[13]|Resend.*API key/i`, reason],
  [String.raw`/authorization grant|SendGrid\D*401/i`, reason],
  [String.raw`/no pg_hba\.conf entry.*no encryption|SSL (connection )?is required|no encryption/i`, reason],
  [String.raw`/no response|(SendGrid|Resend)\D*5\d\d|deadline/i`, reason],
  [String.raw`/sender identity|SendGrid\D*403/i`, reason],
  [String.raw`/<img[^>]+src="([^"]+)"/`, local],
  [String.raw`/^(?:(name|path)\s*[:=]\s*)?"?([^"]*)"?$/`, local],
  [String.raw`/^([a-z]{1,3}|if|\$[a-z]\w*)_[^/]+$/`, local],
  [String.raw`/^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/`, local],
  [String.raw`/https?:\/\/[^"\s]+\/decide\/[\w.-]+/`, local],
  [String.raw`/"(?:[^"\\]|\\.)*"|\s/g`, file],
  [String.raw`/[\r\n]+$/`, file],
  [String.raw`/^\s*(?:[<>]\s*|(?:-H|--header)\s+)?(["']?)([\w-]+):\s*(.*?)\1\s*\\?$/`, header],
  [String.raw`/(:\/\/[^/\s:@]{0,200}):(?!secret@)[^/\s@]{1,500}@/g`, any],
  [
    String.raw`/(\b(?:Bearer|Basic)(?:\s{1,4}|%20|\+))([\w.~+/=-]{8,})/gi`,
    { ...any, attack: { pumps: [{ prefix: "", pump: "Bearer " }], suffix: "Basic" } },
  ],
  [
    String.raw`/[\p{L}\p{M}\p{N}.+_%-]{1,64}$/u`,
    { longest: 64, why: "`redact` passes it the 64 characters before an @" },
  ],
  [
    String.raw`/[\p{L}\p{N}_-]{1,500}(?:[.。．｡][\p{L}\p{N}_-]{1,500})+/gu`,
    { longest: 20_000, why: "a line of a mail; longer ones are cut before" },
  ],
  ["/[\\s….'\"`)\\]}]*$/", { longest: 20, why: "`redact` passes it the last 20 characters" }],
  [String.raw`/import \{([^}]*)\} from "@mantine\/core"/`, ours],
]);
