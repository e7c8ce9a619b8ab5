import { connectorContract } from "../pim/connector-contract.ts";
import { openAkeneo } from "./open-akeneo.ts";

const skus = Array.from({ length: 40 }, (_, index) => `P-${index + 1}`);

connectorContract(
  "pim:akeneo",
  ["takes", "is-down", "knows-no-such-product", "refuses", "wants-no-more"],
  async () => {
    const akeneo = await openAkeneo({
      attributes: [{ code: "image_url" }],
      products: skus.map((identifier) => ({ identifier })),
    });
    return {
      handler: akeneo.handler(),
      async holds(sku) {
        const values = akeneo.values(sku);
        return values ? (values.image_url ?? []).map(({ data }) => String(data)) : null;
      },
      async answer(how) {
        akeneo.faults.clear();
        switch (how) {
          case "takes":
            for (const identifier of skus)
              if (!akeneo.values(identifier)) akeneo.state.catalogue.addProduct({ identifier });
            return;
          case "knows-no-such-product":
            for (const identifier of skus) akeneo.state.catalogue.removeProduct(identifier);
            return;
          case "is-down":
            return akeneo.faults.add({ kind: "status", status: 503, times: 100 });
          case "refuses":
            return akeneo.faults.add({ kind: "status", status: 422, match: "PATCH", times: 100 });
          case "wants-no-more":
            akeneo.tokens.expire({ refresh: true });
            return akeneo.faults.add({ kind: "status", status: 422, match: "/oauth/", times: 100 });
        }
      },
      close: akeneo.close,
    };
  },
);
