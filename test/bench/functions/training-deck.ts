import type { Config } from "@netlify/functions";
import sendgrid from "@sendgrid/mail";
import { v2 as cloudinary } from "cloudinary";

/** What a hook loads that is written as the training deck writes it, with both SDKs at the top. */
export default async (request: Request) => {
  const genuine = cloudinary.utils.verifyNotificationSignature(
    await request.text(),
    Number(request.headers.get("x-cld-timestamp")),
    request.headers.get("x-cld-signature") ?? "",
  );
  if (genuine)
    await sendgrid.send({ to: "to@example.com", from: "from@example.com", subject: "eager", text: "eager" });
  return new Response(null, { status: genuine ? 200 : 401 });
};

export const config: Config = { path: "/training-deck" };
