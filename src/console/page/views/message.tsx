import { Alert, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api.ts";
import { Said } from "../parts/delivery-reason.tsx";
import { FactList } from "../parts/fact-list.tsx";
import { Loaded } from "../parts/problem.tsx";
import { RawText } from "../parts/raw-text.tsx";
import { Section } from "../parts/section.tsx";
import { StateBadge } from "../parts/state.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";
import { recipientsOf } from "./recipients.ts";

const words = texts.mails;
const mailRoute = api.mails[":id"];

type MailData = InferResponseType<typeof mailRoute.$get, 200>;

/** One e-mail: its state and its text, rendered from the record. */
export function Message({ id }: { id: string }) {
  const mail = useQuery({ queryKey: ["mail", id], queryFn: () => answer(mailRoute.$get({ param: { id } })) });
  return (
    <>
      <p className="crumb">
        <Link to={paths.messages}>{words.back}</Link>
      </p>
      {!mail.data && <ViewTitle text={words.one} />}
      <Loaded query={mail} what={words.thisOne}>
        {(data) => <Whole mail={data} />}
      </Loaded>
    </>
  );
}

function Whole({ mail }: { mail: MailData }) {
  const { accepted, refused } = recipientsOf(mail.result);
  return (
    <>
      <ViewTitle
        text={mail.subject ?? `${mail.type} ${mail.publicId ?? ""}`}
        aside={<StateBadge state={mail.state} />}
      />
      <Section title={texts.record.facts}>
        <FactList
          facts={[
            [words.accepted, accepted.join(", ")],
            [words.refused, refused.join(", ")],
            [words.columns.when, <When key="when" at={mail.createdAt} exact />],
            [words.sentAt, mail.sendingAt && <When at={mail.sendingAt} exact />],
            [words.columns.state, mail.error && <Said key="said" state={mail.state} reason={mail.error} />],
            [
              words.notification,
              <Link key="notification" to={paths.record(mail.notificationId)}>
                {mail.type} {mail.publicId}
              </Link>,
            ],
          ]}
        />
      </Section>
      {mail.events.length > 0 && (
        <Section title={words.events}>
          <FactList
            facts={mail.events.map(({ recipient, event, reason, at }) => [
              recipient,
              <span key={`${recipient} ${event} ${at}`}>
                {words.eventNames[event]}
                {reason === null ? "" : `: ${reason}`} <When at={at} exact />
              </span>,
            ])}
          />
        </Section>
      )}
      {mail.text === null ? <p className="empty">{words.nothing}</p> : <Again mail={mail} text={mail.text} />}
    </>
  );
}

function Again({ mail, text }: { mail: MailData; text: string }) {
  const [view, setView] = useState("html");
  return (
    <>
      <Alert color="gray" mb="sm">
        {words.again}
      </Alert>
      <SegmentedControl
        size="xs"
        mb="sm"
        value={view}
        onChange={setView}
        aria-label={texts.record.body}
        data={[
          { value: "html", label: words.html },
          { value: "text", label: words.text },
        ]}
      />
      {view === "html" ? (
        <iframe
          className="mail"
          title={mail.subject ?? ""}
          sandbox="allow-popups"
          src={`/api/mails/${mail.id}/html`}
        />
      ) : (
        <RawText text={text} label={words.text} />
      )}
    </>
  );
}
