import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { notificationTypes } from "../../../lib/notifications/types.ts";
import { answer, api } from "../api.ts";
import { useCloudFilter } from "../environment.tsx";
import { useKeys } from "../keys.ts";
import { useListAddress } from "../lists/address.ts";
import { FilterBar, type FilterField, NothingFound, sinceField } from "../lists/filter-bar.tsx";
import { ListPaging } from "../lists/list-paging.tsx";
import { CloudName } from "../parts/cloud.tsx";
import { Empty } from "../parts/empty.tsx";
import { OutcomeLine } from "../parts/outcome-line.tsx";
import { Picture } from "../parts/picture.tsx";
import { Loaded } from "../parts/problem.tsx";
import { Sku } from "../parts/tag.tsx";
import { ViewTitle } from "../parts/title.tsx";
import { When } from "../parts/when.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";
import { moveFocus } from "./inbox/keys.ts";
import { recipientsOf } from "./recipients.ts";

const words = texts.mails;
const states = ["due", "running", "done", "skipped", "held", "dead"] as const;
const fields: readonly FilterField[] = [
  { name: "q", label: texts.lists.messages },
  { name: "state", label: texts.lists.outcome, options: states.map((state) => [state, texts.states[state]]) },
  { name: "type", label: texts.lists.type, options: notificationTypes.map((type) => [type, type]) },
  sinceField,
];

/** The messages with their outcomes, newest first. */
export function Messages() {
  const address = useListAddress({ q: null, state: states, type: null, since: null });
  const { filters, page } = address;
  const cloud = useCloudFilter();
  const mails = useQuery({
    queryKey: ["mails", filters, cloud, page],
    queryFn: () =>
      answer(api.mails.$get({ query: { ...filters, ...cloud, ...(page !== null && { before: page }) } })),
    placeholderData: keepPreviousData,
  });
  useKeys({ j: () => moveFocus(1), k: () => moveFocus(-1) });
  return (
    <>
      <ViewTitle text={texts.pages.messages} />
      <FilterBar list="messages" address={address} fields={fields} />
      <Loaded query={mails} what={words.theList}>
        {({ mails: found, next }) => (
          <>
            {found.length === 0 && address.isFiltered ? (
              <NothingFound address={address} fields={fields} />
            ) : found.length === 0 ? (
              <Empty title={words.empty}>
                <p>{words.emptySays}</p>
              </Empty>
            ) : (
              <ul className="panel list-rows">
                {found.map((mail) => (
                  <li key={mail.id} className="list-row">
                    <Picture src={mail.thumbnail} alt="" size="dense" sign="mail" />
                    <div className="list-name">
                      <Link to={paths.message(mail.id)} className="row-link">
                        <bdi className="name">{mail.name ?? mail.publicId ?? mail.happened}</bdi>
                      </Link>{" "}
                      {mail.skus.slice(0, 2).map((sku) => (
                        <Sku key={sku}>{sku}</Sku>
                      ))}
                      <div className="small quiet">{mail.name === null ? mail.type : mail.happened}</div>
                    </div>
                    <div className="list-middle">
                      <OutcomeLine outcome={mail.outcome} />
                      <span className="small quiet">{recipientsOf(mail.result).accepted.join(", ")}</span>
                    </div>
                    <span className="small quiet list-when">
                      <When at={mail.createdAt} as="short" />
                      <CloudName cloud={mail.cloud} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
            <ListPaging address={address} next={next} />
          </>
        )}
      </Loaded>
    </>
  );
}
