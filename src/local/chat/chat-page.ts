import type { ChatService } from "../../lib/shared/chat-variables.ts";
import { localTime } from "../local-time.ts";
import type { PostedMessage } from "./payload-rules.ts";
import { discordHtml, escaped, slackHtml, teamsHtml } from "./render-messages.ts";

const names: Readonly<Record<ChatService, string>> = {
  slack: "Slack",
  teams: "Microsoft Teams",
  discord: "Discord",
};

const styles = `:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;overflow-wrap:anywhere}
.chats{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1.5rem;align-items:start}
h2{font-size:1.1rem;margin:.5rem 0}.message{border:1px solid #8884;border-radius:8px;padding:.8rem;margin:0 0 1rem}
.at{font-size:12px;opacity:.75;margin:0 0 .4rem}.head{font-weight:700;font-size:1.05rem;margin:.1rem 0}
p{margin:.3rem 0;white-space:pre-wrap}img{display:block;max-width:100%;max-height:20rem;border-radius:6px;background:#8882;margin:.5rem 0}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:.4rem .8rem;margin:.4rem 0}.fields p{margin:0}.soft{font-size:12.5px;opacity:.8}
.buttons{display:flex;flex-wrap:wrap;gap:.4rem;margin:.6rem 0 .2rem}.buttons a{border:1px solid #8888;border-radius:5px;padding:.25rem .7rem;text-decoration:none;color:inherit}
.buttons a.primary{background:#007a5a;border-color:#007a5a;color:#fff}.bar{border-left:4px solid;padding-left:.7rem}
.good{color:light-dark(#0f6b3d,#6fd39b)}.warning{color:light-dark(#8a5300,#f0bf6a)}.attention{color:light-dark(#b02a20,#ff9d93)}.accent{color:light-dark(#0b5cad,#80bdff)}
.small{font-size:12.5px}.large{font-size:1.1rem}.bolder{font-weight:700}.subtle{opacity:.75}a{color:light-dark(#0b5cad,#80bdff)}`;

/** What each service makes of the messages, newest first. */
export function chatPage(messages: readonly PostedMessage[]): Response {
  const columns = (["slack", "teams", "discord"] as const).map((service) => {
    const posted = messages.filter((one) => one.service === service).toReversed();
    const shown = posted.slice(0, 50).map(messageHtml).join("\n");
    const empty = posted.length === 0 ? "<p>No messages yet.</p>" : "";
    return `<section aria-label="${names[service]}"><h2>${names[service]} (${posted.length})</h2>${empty}${shown}</section>`;
  });
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Chats</title>
<style>${styles}</style><h1>Chats</h1>
<p>Messages that the receiver posted to incoming webhooks, roughly as people would see them. <a href="/">Local services</a></p>
<div class="chats">${columns.join("\n")}</div>
</html>`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
    },
  });
}

function messageHtml(posted: PostedMessage): string {
  const at = `<p class="at"><b>cloudinary-webhooks</b> <time datetime="${escaped(posted.at)}">${escaped(localTime(posted.at))}</time></p>`;
  return `<article class="message">${at}${bodyOf(posted)}</article>`;
}

function bodyOf(posted: PostedMessage): string {
  switch (posted.service) {
    case "slack":
      return slackHtml(posted.message);
    case "teams":
      return teamsHtml(posted.message);
    case "discord":
      return discordHtml(posted.message);
    default:
      return posted satisfies never;
  }
}
