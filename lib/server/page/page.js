// Brings the news of the page into it: fetches the page again and changes what is different. There is one renderer,
// the server's, so the page says the same with and without this script.
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 5000;
const connection = document.getElementById("connection");

async function fetchPage() {
  const response = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

async function update() {
  try {
    const page = await fetchPage();
    // Another version may bring another script and other styles.
    if (page.documentElement.dataset.version !== document.documentElement.dataset.version) return location.reload();
    adapt(document.getElementById("news"), page.getElementById("news"));
    say("");
  } catch {
    say("The exporter does not answer; what you see is from before. Trying again.");
  }
}

function say(text) {
  if (connection.textContent !== text) connection.textContent = text;
}

/** Changes a node into another, keeping whatever is the same, so that bars move and the selection stays. */
function adapt(node, wanted) {
  if (node.isEqualNode(wanted)) return;
  if (node.nodeName !== wanted.nodeName || node.nodeType !== Node.ELEMENT_NODE) return node.replaceWith(wanted);
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  for (const { name } of [...node.attributes]) {
    if (!wanted.hasAttribute(name)) node.removeAttribute(name);
  }
  const children = [...node.childNodes];
  for (const [index, child] of [...wanted.childNodes].entries()) {
    if (index < children.length) adapt(children[index], child);
    else node.append(child);
  }
  for (const extra of children.slice(wanted.childNodes.length)) extra.remove();
}

async function run() {
  // A page nobody looks at asks for nothing.
  if (!document.hidden) await update();
  setTimeout(run, INTERVAL_MS);
}

setTimeout(run, INTERVAL_MS);
