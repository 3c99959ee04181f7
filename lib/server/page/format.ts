const formatCompact = numberFormat({ notation: "compact", maximumFractionDigits: 1 });
const formatWhole = numberFormat({ maximumFractionDigits: 0 });
export const formatPercent = numberFormat({ style: "percent", maximumFractionDigits: 1 });
export const formatUsd = numberFormat({ style: "currency", currency: "USD" });
const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** All digits up to a hundred thousand, then as 1.2M. */
export function formatCount(count: number): string {
  return count < 100_000 ? formatWhole(count) : formatCompact(count);
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

/** Made when it is first asked for: what languages need takes 10 ms to load, and most starts of the program show no page. */
function numberFormat(options: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | null = null;
  return (value) => (format ??= new Intl.NumberFormat("en", options)).format(value);
}
