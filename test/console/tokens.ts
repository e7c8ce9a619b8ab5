/** What the tests' receiver takes for OPERATOR_TOKEN: two people. */
export const adaToken = "ada-0123456789abcdef0123456789abcdef";
export const bobToken = "bob-0123456789abcdef0123456789abcdef";
export const vicToken = "vic-0123456789abcdef0123456789abcdef";
export const operatorToken = `ada:${adaToken} bob:${bobToken}`;
