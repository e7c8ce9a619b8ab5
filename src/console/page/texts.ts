import { attentionTexts } from "./texts/attention.ts";
import { environmentTexts } from "./texts/environments.ts";
import { eraseTexts } from "./texts/erase.ts";
import { facesTexts } from "./texts/faces.ts";
import { frameTexts } from "./texts/frame.ts";
import { healthTexts } from "./texts/health.ts";
import { listsTexts } from "./texts/lists.ts";
import { moderationTexts } from "./texts/moderation.ts";
import { productsActsTexts } from "./texts/products-acts.ts";
import { recordTexts } from "./texts/record.ts";
import { refusalsTexts } from "./texts/refusals.ts";
import { searchTexts } from "./texts/search.ts";
import { tryItTexts } from "./texts/try-it.ts";
import { workTexts } from "./texts/work.ts";

/** All texts of the page. Terms match those of the code, the CLI and the docs. */
export const texts = {
  ...frameTexts,
  ...recordTexts,
  ...productsActsTexts,
  ...attentionTexts,
  ...healthTexts,
  ...moderationTexts,
  ...workTexts,
  ...refusalsTexts,
  ...eraseTexts,
  searchBox: searchTexts.search,
  histogram: searchTexts.histogram,
  ...facesTexts,
  ...tryItTexts,
  ...listsTexts,
  ...environmentTexts,
};
