import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { bundlePg } from "../../../src/lib/database/pg.build.ts";

it("the bundled client matches the installed pg (otherwise: npm run generate)", async () => {
  const committed = await readFile(
    new URL("../../../src/lib/database/pg.generated.js", import.meta.url),
    "utf8",
  );
  expect(committed === (await bundlePg())).toBe(true);
});
