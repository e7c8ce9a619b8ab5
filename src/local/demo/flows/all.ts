import type { Flow } from "../flow.ts";
import { mediaLibrary } from "./f01-media-library.ts";
import { sprite } from "./f02-sprite.ts";
import { explode } from "./f03-explode.ts";
import { multi } from "./f04-multi.ts";
import { slideshow } from "./f05-slideshow.ts";
import { pim } from "./f06-pim.ts";
import { uploadWidget } from "./f07-upload-widget.ts";
import { moderation } from "./f08-moderation.ts";
import { eagerEmail } from "./f09-eager-email.ts";
import { backgroundRemoval } from "./f10-background-removal.ts";
import { videoModeration } from "./f11-video-moderation.ts";
import { faces } from "./f12-faces.ts";
import { signature } from "./f13-signature.ts";

/** In the order of the training deck. */
export const flows: readonly Flow[] = [
  mediaLibrary,
  sprite,
  explode,
  multi,
  slideshow,
  pim,
  uploadWidget,
  moderation,
  eagerEmail,
  backgroundRemoval,
  videoModeration,
  faces,
  signature,
];
