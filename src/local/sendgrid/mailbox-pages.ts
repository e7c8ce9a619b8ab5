import { localTime } from "../local-time.ts";
import type { ReceivedMail } from "./mailbox.ts";

/** The list of mails, newest first. */
export function listPage(mails: readonly ReceivedMail[]): Response {
  const rows = mails
    .toReversed()
    .map(
      (mail) =>
        `<tr><td><time datetime="${escaped(mail.receivedAt)}">${escaped(localTime(mail.receivedAt))}</time></td><td>${escaped(people(mail.to))}</td><td><a href="/mailbox/${encodeURIComponent(mail.id)}">${escaped(mail.subject)}</a></td></tr>`,
    )
    .join("\n");
  const empty =
    mails.length === 0
      ? "<p>No mail yet. E-mails that the receiver sends through SendGrid appear here.</p>"
      : "";
  return page(
    `Mailbox (${mails.length})`,
    `${empty}<table class="list"><tr><th>Received</th><th>To</th><th>Subject</th></tr>${rows}</table>`,
  );
}

/** One mail: headers, the HTML in a sandboxed frame, and the text. */
export function mailPage(mail: ReceivedMail): Response {
  const facts = [
    ["From", people([mail.from])],
    ["To", people(mail.to)],
    ["Cc", people(mail.cc)],
    ["Bcc", people(mail.bcc)],
    ["Subject", mail.subject],
    ["Received", localTime(mail.receivedAt)],
    ["Message ID", mail.messageId],
    ["Attachments", mail.attachments.map((one) => one.filename).join(", ")],
  ].filter(([, value]) => value !== "");
  const rows = facts
    .map(([name = "", value = ""]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`)
    .join("\n");
  const frame =
    mail.html === null
      ? ""
      : `<iframe sandbox src="/mailbox/${encodeURIComponent(mail.id)}.html" title="The mail as sent"></iframe>`;
  const text = mail.text === null ? "" : `<h2>Text</h2><pre>${escaped(mail.text)}</pre>`;
  return page(mail.subject, `<p><a href="/mailbox">All mails</a></p><table>${rows}</table>${frame}${text}`);
}

/** The HTML exactly as sent. Scripts do not run, but images from any host load, as in a mail client. */
export function mailHtml(mail: ReceivedMail): Response {
  return new Response(mail.html ?? "", {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "sandbox; default-src 'none'; img-src * data:; style-src 'unsafe-inline' *; font-src *; frame-ancestors 'self'",
    },
  });
}

function page(title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${escaped(title)}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886;vertical-align:top}iframe{width:100%;height:40rem;border:1px solid #8886;background:#fff;color-scheme:light;margin:1rem 0}pre{white-space:pre-wrap}time{white-space:nowrap}
@media(max-width:40rem){.list tr,.list td{display:block}.list tr{border-bottom:1px solid #8886;padding:.3rem 0}.list td{border:0;padding:.1rem 0}.list th{display:none}}</style>
<h1>${escaped(title)}</h1>
${body}
</html>`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'",
    },
  });
}

const people = (list: readonly { email: string; name?: string | undefined }[]): string =>
  list.map(({ email, name }) => (name === undefined ? email : `${name} <${email}>`)).join(", ");

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
