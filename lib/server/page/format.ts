const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const USD = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** All digits up to a hundred thousand, then as 1.2M. */
export function formatCount(count: number): string {
  return count < 100_000 ? WHOLE.format(count) : COMPACT.format(count);
}

export function formatPercent(ratio: number): string {
  return PERCENT.format(ratio);
}

export function formatUsd(usd: number): string {
  return USD.format(usd);
}

export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < BYTE_UNITS.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** The two largest units, such as `1 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
