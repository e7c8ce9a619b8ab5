/** What the tests' receiver takes for OPERATOR_TOKEN: two people. */
export const adaToken = "ada-7c1e9b04d85f2a63c0e4718b9d52f6a3";
export const bobToken = "bob-e15a83d7096c4bf2a91d60c75e3f8b24";
export const vicToken = "vic-48d0f6b2ce917a35608be2d41c7f93a5";
export const operatorToken = `ada:${adaToken} bob:${bobToken}`;
