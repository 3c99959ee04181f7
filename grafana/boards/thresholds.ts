/** Where the alert rules and the boards draw the same line; a test holds the rules' expressions to these. */
export const DLQ_ITEMS_ALERT = 10;
export const FAILURE_RATE_ALERT = 0.2;
export const RECOVERY_RATE_ALERT = 0.25;
export const SLOW_AGENTS_ALERT = 0.1;
/** USD a month; the boards' variable begins with it, the rules have it in `prodigy:claude_budget_usd:month`. */
export const MONTHLY_BUDGET_USD = 500;
