// Standard Markdown for the markdown block: headings, lists, tables, quotes, code, links.

import { h } from "./dom.js";
import { safeLink, withEmoji } from "./mrkdwn.js";

const INLINE = /`([^`\n]+)`|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__|(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?!\w)|(?<!\w)_(?=\S)([^_\n]*?\S)_(?!\w)|~~(?=\S)([^~\n]*?\S)~~|!?\[([^\]\n]*)\]\(([^()\s]+)\)|<(https?:[^>\s]+)>|(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]}'"])/g;

function inline(text, depth = 0) {
  const nodes = [];
  let last = 0;
  const inner = (part) => (depth < 4 ? inline(part, depth + 1) : [part]);
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, bold, bold2, italic, italic2, strike, label, target, angled, bare] = found;
    nodes.push(...withEmoji(unescape(text.slice(last, found.index))));
    last = found.index + whole.length;
    if (code !== undefined) nodes.push(h("code", {}, code));
    else if (bold || bold2) nodes.push(h("strong", {}, inner(bold || bold2)));
    else if (italic || italic2) nodes.push(h("em", {}, inner(italic || italic2)));
    else if (strike) nodes.push(h("s", {}, inner(strike)));
    else if (target) nodes.push(safeLink(target, ...inner(label || target)));
    else nodes.push(safeLink(angled || bare, angled || bare));
  }
  return [...nodes, ...withEmoji(unescape(text.slice(last)))];
}

const unescape = (text) => text.replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, "$1").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

function list(rows, from) {
  const [, lead, sign] = ITEM.exec(rows[from]);
  const node = h(/\d/.test(sign) ? "ol" : "ul");
  if (/\d/.test(sign)) node.start = Number.parseInt(sign, 10);
  let at = from;
  while (at < rows.length) {
    const found = ITEM.exec(rows[at]);
    if (!found) {
      if (!/^\s+\S/.test(rows[at]) || !node.lastChild) break;
      node.lastChild.append(" ", ...inline(rows[at].trim()));
      at += 1;
    } else if (found[1].length > lead.length && node.lastChild) {
      const [inner, next] = list(rows, at);
      node.lastChild.append(inner);
      at = next;
    } else if (found[1].length < lead.length) break;
    else {
      const task = /^\[([ xX])\]\s+(.*)$/.exec(found[3]);
      node.append(task ? h("li", { class: "task" }, task[1] === " " ? "☐ " : "☑ ", inline(task[2])) : h("li", {}, inline(found[3])));
      at += 1;
    }
  }
  return [node, at];
}

export function table(head, rows) {
  const row = (tag, parts) => h("tr", {}, parts.map((part) => h(tag, {}, part)));
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {}, head && h("thead", {}, row("th", head)), h("tbody", {}, rows.map((parts) => row("td", parts)))));
}

export function markdown(text) {
  const rows = String(text).split("\n");
  const nodes = [];
  let at = 0;
  while (at < rows.length) {
    const line = rows[at];
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (/^\s*```/.test(line)) {
      const end = rows.findIndex((row, number) => number > at && /^\s*```/.test(row));
      const stop = end < 0 ? rows.length : end;
      nodes.push(h("pre", {}, rows.slice(at + 1, stop).join("\n")));
      at = stop + 1;
    } else if (heading) {
      nodes.push(h(`h${Math.min(6, heading[1].length + 2)}`, { class: `md-h${heading[1].length}` }, inline(heading[2])));
      at += 1;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      nodes.push(h("hr"));
      at += 1;
    } else if (line.includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-*:?\s*)*$/.test(rows[at + 1] || "") && rows[at + 1].includes("-")) {
      const body = [];
      let next = at + 2;
      while (next < rows.length && rows[next].includes("|")) body.push(cells(rows[next++]).map((cell) => inline(cell)));
      nodes.push(table(cells(line).map((cell) => inline(cell)), body));
      at = next;
    } else if (ITEM.test(line)) {
      const [node, next] = list(rows, at);
      nodes.push(node);
      at = next;
    } else if (/^\s*>/.test(line)) {
      const quoted = [];
      while (at < rows.length && /^\s*>/.test(rows[at])) quoted.push(rows[at++].replace(/^\s*>\s?/, ""));
      nodes.push(h("blockquote", {}, markdown(quoted.join("\n"))));
    } else if (line.trim() === "") at += 1;
    else {
      const words = [line];
      at += 1;
      while (at < rows.length && rows[at].trim() && !/^(#{1,6}\s|\s*```|\s*>)/.test(rows[at]) && !ITEM.test(rows[at]) && !rows[at].includes("|")) words.push(rows[at++]);
      nodes.push(h("p", {}, inline(words.join("\n"))));
    }
  }
  return nodes;
}
