import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { answer, api } from "../api.ts";
import { useKeys } from "../keys.ts";
import { Empty } from "../parts/empty.tsx";
import { OutcomeLine } from "../parts/outcome-line.tsx";
import { PagingButtons } from "../parts/paging-buttons.tsx";
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

/** The messages with their outcomes, newest first. */
export function Messages() {
  const [params, setParams] = useSearchParams();
  const before = params.get("before");
  const mails = useQuery({
    queryKey: ["mails", before],
    queryFn: () => answer(api.mails.$get({ query: before === null ? {} : { before } })),
    placeholderData: keepPreviousData,
  });
  useKeys({ j: () => moveFocus(1), k: () => moveFocus(-1) });
  return (
    <>
      <ViewTitle text={texts.pages.messages} />
      <Loaded query={mails} what={words.theList}>
        {({ mails: found, next }) => (
          <>
            {found.length === 0 ? (
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
                    </span>
                  </li>
                ))}
              </ul>
            )}
            <div className="paging">
              <PagingButtons
                newest={before === null ? null : () => setParams({})}
                older={next === null ? null : () => setParams({ before: next })}
              />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
