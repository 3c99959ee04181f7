/** Sum of a metric's series in a text exposition, of those whose labels hold this text. */
export function sumIn(text: string, metric: string, label = ""): number {
  return text.split("\n").filter((line) => line.startsWith(`${metric}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
