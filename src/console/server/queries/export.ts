import type { Config } from "../../../config.types.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { shownValue } from "../masked-answers.ts";
import type { Filters } from "./filters.ts";
import { summaries } from "./list.ts";

const pageSize = 500;
/** Function responses are limited to 20 MB; this is about half of that. */
const maxRows = 10_000;

/** The filtered list as a JSON document, read page by page while it is sent. Without bodies. */
export function exported(db: Db, filters: Filters, config: Config): ReadableStream<Uint8Array> {
  const pages = jsonPages(db, filters, config);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await pages.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      } catch (error) {
        log("error", "export interrupted", { error: errorText(error) });
        controller.error(error);
      }
    },
  });
}

async function* jsonPages(db: Db, filters: Filters, config: Config): AsyncGenerator<string> {
  let before: string | undefined;
  let count = 0;
  yield `{"filters":${JSON.stringify(shownValue(filters, config))},"notifications":[`;
  do {
    const { rows, next } = await summaries(db, { ...filters, before, limit: pageSize });
    const list = rows.map(({ cursor: _, ...row }) => JSON.stringify(shownValue(row, config))).join(",\n");
    yield `${count > 0 && rows.length > 0 ? "," : ""}\n${list}`;
    count += rows.length;
    before = next ?? undefined;
  } while (before !== undefined && count < maxRows);
  yield `\n],"complete":${before === undefined}}\n`;
}
