// Python, away from the page so that an endless loop cannot freeze it: loads Pyodide and NumPy, then runs cells.
// It asks for files below the addresses that it is given, and for nothing else.

const state = {pyodide: null, kernel: null, seen: 0};

const tell = message => postMessage(message);

// Every byte that comes in moves the progress bar. A copy is counted: the reply itself keeps its address, under which the
// browser remembers compiled code. Pyodide waits for ever for a file that does not come, so that is noticed here.
function watchFetch() {
  const plain = self.fetch.bind(self);
  self.fetch = async (resource, options) => {
    const name = String(resource.url ?? resource).split("/").pop();
    const reply = await plain(resource, options).catch(error => {
      lost(name, "no answer");
      throw error;
    });
    if (!reply.ok) lost(name, reply.status);
    else if (reply.body) count(reply.clone().body.getReader()).catch(() => lost(name, "the connection broke off"));
    return reply;
  };
}

// Later, what a cell imports: then the import itself fails, and the kernel says what to do.
function lost(name, why) {
  if (!state.kernel) tell({what: "failed", says: `${name}: ${why}`});
}

// Of an exception the last line is the telling one.
const lastLine = error => String(error.message ?? error).trim().split("\n").pop();

async function count(reader) {
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    state.seen += part.value.length;
    tell({what: "bytes", seen: state.seen});
  }
}

async function text(address) {
  const reply = await fetch(address);
  return reply.text();
}

async function start({pyodide: address, files, python}) {
  watchFetch();
  const {loadPyodide} = await import(`${address}pyodide.mjs`);
  const [pyodide, check, reference, kernel, backend] = await Promise.all([
    loadPyodide({indexURL: address, packages: ["numpy"], checkIntegrity: true}),
    text(`${files}check.py`), text(`${files}reference.json`),
    text(`${python}page_kernel.py`), text(`${python}page_backend.py`),
  ]);
  const {FS} = pyodide;
  for (const folder of ["/home/page", "/home/exercise"]) FS.mkdirTree(folder);
  FS.writeFile("/home/page/page_kernel.py", kernel);
  FS.writeFile("/home/page/page_backend.py", backend);
  FS.writeFile("/home/exercise/check.py", check);
  FS.writeFile("/home/exercise/reference.json", reference);
  const send = message => {
    tell(message.toJs({dict_converter: Object.fromEntries}));
    message.destroy();
  };
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

async function run({id, number, source, passed}) {
  try {
    // What a cell imports and Pyodide has; matplotlib is fetched when the first picture wants it.
    await state.pyodide.loadPackagesFromImports(source, {
      messageCallback: says => says.startsWith("Loading") && tell({what: "fetching"}), errorCallback() {},
    });
    tell({what: "running"});
    tell({what: "done", id, fine: state.kernel.run(source, number, id, passed)});
  } catch (error) {
    tell({what: "died", id, says: lastLine(error)});
  }
}

onmessage = ({data}) => {
  if (data.what === "run") run(data);
  else start(data).catch(error => tell({what: "failed", says: lastLine(error)}));
};
