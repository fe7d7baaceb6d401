// Python, away from the page so that an endless loop cannot freeze it: loads Pyodide and NumPy, then runs cells.
// It asks for files below the addresses that it is given, and for nothing else.

const OURS = ["kernel", "output", "errors", "absent", "given", "pictures", "letters", "backend"].map(name => `page_${name}.py`);

const state = {pyodide: null, kernel: null, seen: 0, kept: new Map()};

const tell = message => postMessage(message);

// Every byte that comes in moves the progress bar. A copy is counted: the reply itself keeps its address, under which the
// browser remembers compiled code. Pyodide waits for ever for a file that does not come, so that is noticed here.
function watchFetch() {
  const plain = self.fetch.bind(self);
  self.fetch = async (resource, options) => {
    const address = String(resource.url ?? resource), name = address.split("/").pop();
    const reply = await plain(resource, options).catch(error => kept(address) ?? gone(name, error));
    if (!reply.ok) return kept(address) ?? (lost(name, reply.status), reply);
    if (reply.body) keep(address, reply.clone()).catch(() => lost(name, "the connection broke off"));
    return reply;
  };
}

// What an earlier worker of this page has loaded is there for the next, when there is no connection any more.
function kept(address) {
  const blob = state.kept.get(address);
  if (blob) counted(blob.size);
  return blob && new Response(blob, {headers: {"Content-Type": blob.type}});
}

function gone(name, error) {
  lost(name, "no answer");
  throw error;
}

// Later, what a cell imports: then the import itself fails, and the kernel says what to do.
function lost(name, why) {
  if (!state.kernel) tell({what: "failed", says: `${name}: ${why}`});
}

// Of an exception the last line is the telling one.
const lastLine = error => String(error.message ?? error).trim().split("\n").pop();

function counted(bytes) {
  state.seen += bytes;
  tell({what: "bytes", seen: state.seen});
}

// The page keeps what has come.
async function keep(address, reply) {
  const reader = reply.body.getReader(), parts = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    counted(part.value.length);
  }
  if (address.startsWith("http")) tell({what: "file", address, blob: new Blob(parts, {type: reply.headers.get("Content-Type") ?? ""})});
}

// Imports a script that may be one of those kept: the browser itself would ask the server again.
async function script(address) {
  const blob = new Blob([await text(address)], {type: "text/javascript"});
  return import(URL.createObjectURL(blob));
}

async function text(address, options) {
  const reply = await fetch(address, options);
  if (!reply.ok) throw new Error(`${address.split("/").pop()}: ${reply.status}`);
  return reply.text();
}

// `names` are the files of the exercise, below the address `files`.
async function start({pyodide: address, files, names: theirs, python, kept}) {
  state.kept = kept;
  watchFetch();
  const [{loadPyodide}] = await Promise.all(["pyodide.mjs", "pyodide.asm.js"].map(name => script(address + name)));
  const names = [...OURS.map(name => python + name), ...theirs.map(name => files + name)];
  // What the browser kept of an earlier visit is asked after: the checks belong to the notebook that the page has loaded.
  const [pyodide, ...texts] = await Promise.all([
    loadPyodide({indexURL: address, packages: ["numpy"]}), ...names.map(name => text(name, {cache: "no-cache"})),
  ]);
  const write = (folder, wanted, found) => {
    pyodide.FS.mkdirTree(folder);
    wanted.forEach((name, at) => pyodide.FS.writeFile(`${folder}/${name}`, found[at]));
  };
  write("/home/page", OURS, texts);
  write("/home/exercise", theirs, texts.slice(OURS.length));
  const send = message => {
    tell(message.toJs({dict_converter: Object.fromEntries}));
    message.destroy();
  };
  pyodide._api.on_fatal = error => died(lastLine(error));
  pyodide.globals.set("send", send);
  pyodide.runPython(`
import os, sys
sys.path.insert(0, "/home/page")
os.chdir("/home/exercise")
from page_kernel import Kernel
kernel = Kernel(send)
kernel.install()
`);
  state.pyodide = pyodide;
  state.kernel = pyodide.globals.get("kernel");
  tell({what: "ready"});
}

// Python itself broke down. Where a cell is awaited meanwhile, nothing comes of that any more: Pyodide says it elsewhere.
const died = says => tell({what: "died", says});

async function run({id, number, source, passed}) {
  try {
    // What a cell imports and Pyodide has; matplotlib is fetched when the first picture wants it.
    await state.pyodide.loadPackagesFromImports(source, {
      messageCallback: says => says.startsWith("Loading") && tell({what: "fetching"}), errorCallback() {},
    });
    tell({what: "running"});
    tell({what: "done", id, fine: await state.kernel.run(source, number, id, passed)});
  } catch (error) {
    died(lastLine(error));
  }
}

// Other notebooks of the learner lie beside the exercise for a module of it that reads them.
function gather({by, notebooks, before}) {
  const {FS} = state.pyodide;
  try {
    for (const [slug, text] of Object.entries(notebooks)) {
      FS.mkdirTree(`/home/${slug}`);
      FS.writeFile(`/home/${slug}/${slug}.ipynb`, text);
    }
    tell({what: "gathered", text: state.pyodide.runPython(`
import importlib, sys
if "/home/exercise" not in sys.path:
    sys.path.append("/home/exercise")
importlib.import_module(${JSON.stringify(by)}).text_in("..", ${JSON.stringify(before)})
`)});
  } catch (error) {
    tell({what: "gathered", says: lastLine(error)});
  }
}

onmessage = ({data}) => {
  if (data.what === "run") run(data);
  else if (data.what === "gather") gather(data);
  else start(data).catch(error => tell({what: "failed", says: lastLine(error)}));
};
