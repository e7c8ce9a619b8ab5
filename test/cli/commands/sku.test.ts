import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runWebhooks } from "../../support/command-line.ts";
import { projectFolder } from "../../support/project-folder.ts";

let folder: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: folder, remove } = await projectFolder());
});
afterAll(() => remove());

const webhooks = (...args: string[]) => runWebhooks(folder, args);

it("explains the SKU and role of a public ID and of a body", async () => {
  const named = await webhooks("sku", "products/VASE-1/gallery-2_p0q9w8");
  expect(named).toMatchObject({ code: 0, stderr: "" });
  expect(named.stdout).toContain("SKU VASE-1, role gallery, position 2");
  expect(named.stdout).toMatch(/public-id:.+ VASE-1 +gallery 2 +used/);

  // A folder of that name is no body.
  await mkdir(join(folder, "products/VASE-1"), { recursive: true });
  expect(await webhooks("sku", "products/VASE-1")).toMatchObject({ code: 0, stderr: "" });

  const body = {
    notification_type: "upload",
    asset_id: "a",
    public_id: "products/VASE-1/main",
    version: 1_750_000_000,
    resource_type: "image",
    type: "upload",
    metadata: { sku: ["VASE-2", "VASE-3"], image_position: 4 },
    tags: ["sku:VASE-4"],
  };
  await writeFile(join(folder, "body.json"), JSON.stringify(body));
  const { stdout } = await webhooks("sku", "body.json", "--json");
  expect(JSON.parse(stdout)).toMatchObject([
    {
      asset: "products/VASE-1/main",
      products: [
        { sku: "VASE-2", role: "main", position: 4 },
        { sku: "VASE-3", role: "main", position: 4 },
      ],
      sources: [
        { source: "metadata:sku", skus: ["VASE-2", "VASE-3"], outcome: "used" },
        { source: "context:sku", outcome: "not-in-body" },
        { source: "tag:sku:", skus: ["VASE-4"], outcome: "lower-priority" },
        { role: "main", outcome: "lower-priority" },
        { outcome: "not-in-body" },
        { outcome: "not-in-body" },
      ],
    },
  ]);

  await writeFile(join(folder, "list.json"), JSON.stringify({ ...body, metadata: { sku: "AB-1, AB-2" } }));
  expect((await webhooks("sku", "list.json")).stdout).toMatch(/no product[\s\S]+looks like a list of SKUs/);

  await writeFile(join(folder, "wrong.json"), JSON.stringify({ ...body, public_id: 7 }));
  const wrong = await webhooks("sku", "wrong.json");
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toContain("public_id");
});
