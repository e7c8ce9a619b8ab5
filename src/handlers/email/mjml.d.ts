/** The package has no type definitions. */
declare module "mjml" {
  interface Compiled {
    html: string;
    errors: { formattedMessage: string }[];
  }
  export default function mjml(
    source: string,
    options: {
      filePath: string;
      validationLevel: "strict";
      ignoreIncludes: boolean;
      fonts: Record<string, string>;
    },
  ): Promise<Compiled>;
}
