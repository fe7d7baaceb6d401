// Make the bundle of the editor and the licences of what is in it: node build.mjs [BUNDLE LICENCES]
// The same packages give the same bytes: nothing of the machine or the hour goes in.

import {readFileSync, writeFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const [bundleFile = `${here}../js/editor.min.js`, licenceFile = `${here}LICENSE`] = process.argv.slice(2);
const {outputFiles, metafile} = await build({
  absWorkingDir: here,
  entryPoints: ["editor.js"],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
  outfile: "editor.min.js",
  logLevel: "warning",
});

/** Return the folders of the packages of which code is in the bundle, by name. */
function packages() {
  const [{inputs}] = Object.values(metafile.outputs);
  const used = Object.keys(inputs).filter(path => inputs[path].bytesInOutput > 0);
  const folder = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;
  const found = used.map(path => path.match(folder)).filter(Boolean);
  return new Map(found.map(([, place, name]) => [name, `${here}${place}`]).sort());
}

/** Return the licence in a folder without its title: the line that says whose it is, and the terms. */
function licence(folder) {
  const [head, ...terms] = readFileSync(`${folder}/LICENSE`, "utf8").replace(/^MIT License\s+/, "").trim().split("\n\n");
  return {head, terms: terms.join("\n\n")};
}

/** Return each package with its version and the line that says whose it is, then the terms, the same for all. */
function licences() {
  const found = [...packages()].map(([name, folder]) => {
    const {version} = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    return {package: `${name} ${version}`, ...licence(folder)};
  });
  const [terms, ...others] = new Set(found.map(one => one.terms));
  if (others.length) throw new Error("not all packages have the same licence: write each one out");
  return `${found.map(one => `${one.package}\n  ${one.head}`).join("\n")}\n\n${terms}\n`;
}

writeFileSync(licenceFile, licences());
writeFileSync(bundleFile, `/*! Code of these packages is in this file:\n\n${licences()}*/\n${outputFiles[0].text}`);
