import { hc } from "hono/client";
import type { ConsoleApi } from "../../console/server/app.ts";

export type Receiver = ReturnType<typeof receiverApi>;
/** A recorded notification as the console lists it. */
export type Row = Awaited<ReturnType<Receiver["since"]>>[number];
/** A notification as its page in the console has it. */
export type Arrived = Awaited<ReturnType<Receiver["notification"]>>;

/** Under `netlify dev` each call reloads its function, and the local Cloudinary has four on their way already. */
const atOnce = 2;
const timeoutMs = 120_000;
const reason = "played by the demo";

/** The API behind the console page, as far as the demo looks at it. */
export function receiverApi({ url, token, signal }: { url: string; token: string; signal: AbortSignal }) {
  const turn = turns(atOnce);
  const { api } = hc<ConsoleApi>(url, {
    headers: { authorization: `Bearer ${token}` },
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      turn(() =>
        fetch(input, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }),
      ),
  });

  return {
    /** What came in since then, newest first. */
    async since(at: Date) {
      const query = { since: at.toISOString(), limit: "200" };
      return (await good(api.notifications.$get({ query }))).notifications;
    },
    async notification(id: string) {
      const { record, shown } = await good(api.notifications[":id"].story.$get({ param: { id } }));
      return { ...record, shown };
    },
    /** The pictures of a product; none when nothing ever named it. */
    async product(sku: string) {
      const response = await api.product.$get({ query: { sku } });
      if (response.status !== 200 && (await response.clone().text()).includes("no-such-product")) return [];
      return (await good(response)).images;
    },
    /** Products, and assets without one, that have something of this in their name. */
    async pictured(search: string) {
      const query = { search };
      const { products } = await good(api.products.$get({ query }));
      const { assets } = await good(api.unmapped.$get({ query }));
      // A search also finds products that have lost their last picture.
      const pictured = products.filter(({ images, files }) => images + files > 0);
      return [...pictured.map(({ sku }) => sku), ...assets.map(({ publicId }) => publicId)];
    },
    async board(show: "pending" | "decided" | "held") {
      return (await good(api.moderation.$get({ query: { show, limit: "200" } }))).cards;
    },
    decide: (json: { assetId: string; version: number; status: "approved" | "rejected" }) =>
      good(api.moderation.decide.$post({ json: { ...json, reason } })),
    /** `deletes`: how many pictures it deletes. */
    release: (id: string, deletes: number) =>
      good(api.deliveries[":id"].replay.$post({ param: { id }, json: { reason, deletes } })),
    /** The number of training pictures, by the name of the person. */
    async people() {
      const { people } = await good(api.faces.$get({ query: {} }));
      const indexed = people.map(({ name, trainings }) => {
        const pictures = trainings.filter(({ state }) => state === "indexed");
        return [name, pictures.length] as const;
      });
      return new Map(indexed);
    },
    /** Starts to forget a person; nothing happens if nobody has that name. */
    async forgetPerson(name: string) {
      const asked = await api.faces.forgettings.$post({ json: { name, reason } });
      if (asked.status !== 200 && !(await asked.text()).includes("nothing-recorded"))
        throw new Error(`forgetting ${name} answered ${asked.status}`);
    },
    async refusals() {
      return (await good(api.refusals.$get({ query: {} }))).refusals;
    },
  };
}

interface Answer<T> {
  ok: boolean;
  status: number;
  url: string;
  json(): Promise<T>;
  text(): Promise<string>;
}

async function good<T>(answer: Answer<T> | Promise<Answer<T>>): Promise<T> {
  const { ok, status, url } = await answer;
  if (!ok) throw new Error(`${new URL(url).pathname} answered ${status}: ${await (await answer).text()}`);
  return await (await answer).json();
}

/** Lets so many run at once; the others wait for their turn. */
function turns(maxRunning: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxRunning) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
