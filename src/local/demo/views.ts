import type { FlowResult } from "./flow.ts";

/** A page that shows what the demo made. */
export interface View {
  name: string;
  url: string;
  /** What is to be seen there. */
  text: string;
}

interface Shown {
  /** Base URL of the receiver. */
  url: string;
  /** Base URL of the emulators. */
  localUrl: string;
  /** The operator token. */
  token: string;
  /** The product of a flow. */
  skuOf(id: string): string;
  /** The notifications of the flow, in order of arrival. */
  arrived: FlowResult["arrived"];
}

/** The views worth seeing, each with the flow that fills it. A new flow adds its own here. */
const views: readonly { flow: string; view: (shown: Shown) => View | null }[] = [
  {
    flow: "F1",
    view: ({ url, token }) => ({
      name: "Inbox",
      url: `${url}/#${token}`,
      text: "every notification of this run; the link signs in",
    }),
  },
  {
    flow: "F6",
    view: ({ url, skuOf }) => ({
      name: "Product",
      url: `${url}/console/product?sku=${encodeURIComponent(skuOf("F6"))}`,
      text: "the picture with a watermark",
    }),
  },
  {
    flow: "F8",
    view: ({ url }) => ({
      name: "Moderation",
      url: `${url}/console/moderation`,
      text: "a picture that waits for your decision",
    }),
  },
  {
    flow: "F10",
    view: ({ url, arrived }) => {
      const decision = arrived.findLast(({ type }) => type === "moderation");
      return decision === undefined
        ? null
        : {
            name: "Notification",
            url: `${url}/console/notifications/${decision.id}`,
            text: "an approval, and what it caused",
          };
    },
  },
  {
    flow: "F9",
    view: ({ localUrl }) => ({
      name: "Mailbox",
      url: `${localUrl}/mailbox`,
      text: "the e-mails, with their pictures",
    }),
  },
  {
    flow: "F8",
    view: ({ localUrl }) => ({
      name: "Chats",
      url: `${localUrl}/chat`,
      text: "the messages in Slack, Microsoft Teams and Discord",
    }),
  },
];

/** The views of the flows that passed. */
export function viewsOf(results: readonly FlowResult[], shown: Omit<Shown, "arrived">): View[] {
  return views.flatMap(({ flow, view }) => {
    const result = results.find(({ id, outcome }) => id === flow && outcome === "pass");
    return (result && view({ ...shown, arrived: result.arrived })) ?? [];
  });
}
