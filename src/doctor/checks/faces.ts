import { problemsOf } from "../../handlers/faces/purpose.ts";
import { rekognition } from "../../handlers/faces/rekognition.ts";
import { errorText } from "../../lib/shared/log.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";

/** Whether the handler `faces` can work: legal basis, settings, credentials and collection. Sends no picture. */
export async function checkFaces({
  config,
  settings,
  isLocal,
}: Pick<DoctorContext, "config" | "settings" | "isLocal">): Promise<Finding[]> {
  const { faces: connection, warnings } = config;
  if (connection === null) {
    const half = warnings.find((text) => text.includes("faces.legalBasis"));
    return [
      half === undefined
        ? ok("faces", "The handler faces is off: no picture is sent to Amazon Rekognition")
        : warning("faces", half, {
            why: "Nobody is recognised, and nothing is sent to Amazon Rekognition.",
            fix: "Set both, or neither (docs/faces.md).",
          }),
    ];
  }
  if (connection.isLocal && !isLocal)
    return [
      failed("faces", "REKOGNITION_ENDPOINT is an address of this machine", {
        why: "A deployed function cannot reach it.",
        fix: "Remove REKOGNITION_ENDPOINT.",
      }),
    ];
  const problems = [...connection.problems, ...problemsOf(settings.faces)];
  if (problems.length > 0)
    return [
      failed("faces", problems.join("; "), {
        why: "The deliveries of faces:rekognition fail permanently.",
        fix: "Correct them (docs/faces.md), and replay the deliveries.",
      }),
    ];
  if (connection.isLocal) return [notChecked("faces", "Amazon Rekognition", "The emulator is used.")];
  return [await collection(connection)];
}

async function collection(connection: Parameters<typeof rekognition>[0]): Promise<Finding> {
  const about = `the collection ${connection.collection} in ${connection.region}`;
  try {
    const exists = await rekognition(connection).hasCollection();
    return ok(
      "faces",
      exists
        ? `Amazon Rekognition accepts the key, and ${about} exists`
        : `Amazon Rekognition accepts the key; ${about} is created with the first training picture`,
    );
  } catch (error) {
    return failed("faces", `Amazon Rekognition rejects the call: ${errorText(error)}`, {
      why: "Nobody can be recognised.",
      fix: "Check REKOGNITION_ACCESS_KEY_ID, REKOGNITION_SECRET_ACCESS_KEY and REKOGNITION_REGION, and the permissions in docs/faces.md.",
    });
  }
}
