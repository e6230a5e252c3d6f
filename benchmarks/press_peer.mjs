// Compiles MJML files with mjml and juice again and again, in one warm process, beside
// benchmarks/press.py. For each line of standard input it makes one round and prints the lowest
// CPU time of each stage in milliseconds, as JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const [mjml, juice] = [require("mjml"), require("juice")];
const { convert } = require("html-to-text");
const sources = process.argv.slice(3).map((file) => readFileSync(file, "utf8"));
// emag keeps all style blocks but one as they are. Told of it, juice does the same work.
const keep = (html) => html.replace(/<style(?! data-inline)/g, "<style data-embed");

async function cpu(stage) {
  const start = process.cpuUsage();
  const result = await stage();
  const { user, system } = process.cpuUsage(start);
  return [result, (user + system) / 1000];
}

async function round() {
  const lowest = {};
  const note = (name, time) => (lowest[name] = Math.min(lowest[name] ?? Infinity, time));
  for (const source of sources) {
    const [compiled, ofMjml] = await cpu(() => (mjml.default ?? mjml)(source));
    const [all, ofJuice] = await cpu(() => juice(compiled.html));
    const [one, ofOne] = await cpu(() => juice(keep(compiled.html)));
    const [, ofText] = await cpu(() => convert(one));
    note("mjml", ofMjml), note("juice", ofJuice), note("juice, one block", ofOne), note("text", ofText);
    lowest.bytes = all.length;
  }
  return lowest;
}

for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await round()));
}
