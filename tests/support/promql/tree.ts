import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** A node of the syntax tree with its text. */
export interface Node {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Node[];
}

/** @throws {SyntaxError} on what is not PromQL. */
export function parsePromql(text: string): Node {
  const tree = parser.parse(text);
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) {
      throw new SyntaxError(`Not PromQL at ${cursor.from}: ${text.slice(cursor.from)} in ${text}`);
    }
  } while (cursor.next());
  const root = createNode(tree.topNode, text);
  const [expression] = root.children;
  if (root.children.length !== 1 || expression === undefined) throw new SyntaxError(`Not one expression: ${text}`);
  return expression;
}

function createNode(node: SyntaxNode, text: string): Node {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(createNode(child, text));
  return { name: node.name, text: text.slice(node.from, node.to), children };
}

export function child(node: Node, name: string): Node | undefined {
  return node.children.find((one) => one.name === name);
}

/** Texts of the `LabelName`s of a `GroupingLabels`. */
export function groupingLabels(node: Node | undefined): readonly string[] {
  return (node?.children ?? []).map(({ text }) => text);
}

/** Text of a string literal without its quotes. */
export function unquote(text: string): string {
  return text.slice(1, -1);
}
