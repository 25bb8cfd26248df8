// Slack's mrkdwn as nodes. Whatever does not parse stays text.

import { h } from "./dom.js";
import { EMOJI, emojiOf } from "./emoji.js";
import { channelOf, nameOf, personOf, world } from "./store.js";
import { dateToken } from "./time.js";

export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function safeLink(url, ...label) {
  if (!/^(https?:|mailto:)/i.test(url)) return h("span", {}, ...label);
  const own = url.startsWith(`${location.origin}/archives/`);
  const href = own ? url.replace(`${location.origin}/archives/`, "/#/").replace(/\?.*$/, "") : url;
  return h("a", { href, target: own ? undefined : "_blank", rel: own ? undefined : "noopener noreferrer" }, ...label);
}

export function mention(id, label) {
  const mine = id === world.me;
  return h("span", { class: mine ? "mention mine" : "mention" }, `@${personOf(id)?.real_name || label || nameOf(id)}`);
}

export function channelLink(id, label) {
  const known = channelOf(id);
  return h("a", { class: "mention", href: `#/${id}` }, `#${known?.name || label || id}`);
}

function emojiNode(name) {
  return EMOJI.has(name) ? h("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, emojiOf(name)) : `:${name}:`;
}

export function withEmoji(text) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(/:([a-z0-9_+'-]+):/g)) {
    if (!EMOJI.has(found[1])) continue;
    nodes.push(text.slice(last, found.index), emojiNode(found[1]));
    last = found.index + found[0].length;
  }
  return [...nodes, text.slice(last)].filter((part) => part !== "");
}

// What stands between < and >.
function angle(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  const words = label === undefined ? undefined : decode(label);
  if (target.startsWith("@")) return mention(target.slice(1), words);
  if (target.startsWith("#")) return channelLink(target.slice(1), words);
  if (target.startsWith("!date^")) return dateNode(target, words);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, words || `@${world.groups.find((group) => group.id === target.slice(9))?.handle || "group"}`);
  if (target.startsWith("!")) return h("span", { class: "mention broadcast" }, words || `@${target.slice(1)}`);
  return safeLink(decode(target), ...(words === undefined ? [decode(target)] : withEmoji(words)));
}

function dateNode(target, fallback) {
  const [, stamp, template = "", link] = target.split("^");
  const words = h("time", { class: "date", title: fallback || "" }, dateToken(stamp, decode(template), fallback || stamp));
  return link ? safeLink(decode(link), words) : words;
}

const INLINE = /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*?\S)\*(?![\w*])|(?<![\w_])_(?=\S)([^\n]*?\S)_(?!\w)|(?<![\w~])~(?=\S)([^~\n]*?\S)~(?!\w)|:([a-z0-9_+'-]+):|(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]}'"])/g;

export function inline(text, depth = 0) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, pointed, bold, italic, strike, emoji, url] = found;
    nodes.push(decode(text.slice(last, found.index)));
    last = found.index + whole.length;
    const inner = (part) => (depth < 4 ? inline(part, depth + 1) : [decode(part)]);
    if (code !== undefined) nodes.push(h("code", {}, codeNodes(code)));
    else if (pointed !== undefined) nodes.push(angle(pointed));
    else if (bold !== undefined) nodes.push(h("strong", {}, inner(bold)));
    else if (italic !== undefined) nodes.push(h("em", {}, inner(italic)));
    else if (strike !== undefined) nodes.push(h("s", {}, inner(strike)));
    else if (emoji !== undefined) nodes.push(emojiNode(emoji));
    else nodes.push(safeLink(decode(url), decode(url)));
  }
  nodes.push(decode(text.slice(last)));
  return nodes.filter((part) => part !== "");
}

// In code only links and mentions are live, as in Slack.
function codeNodes(text) {
  return text.split(/(<[^<>\n]+>)/).map((part) => (/^<[^<>]+>$/.test(part) ? angle(part.slice(1, -1)) : decode(part)));
}

function lines(text) {
  const nodes = [];
  let quote = [];
  let plain = [];
  const endPlain = () => {
    if (plain.length) nodes.push(h("span", { class: "lines" }, inline(plain.join("\n"))));
    plain = [];
  };
  const endQuote = () => {
    if (quote.length) nodes.push(h("blockquote", {}, inline(quote.join("\n"))));
    quote = [];
  };
  for (const line of text.split("\n")) {
    if (/^(&gt;|>)/.test(line)) {
      endPlain();
      quote.push(line.replace(/^(&gt;|>)+ ?/, ""));
    } else {
      endQuote();
      plain.push(line);
    }
  }
  endQuote();
  endPlain();
  return nodes;
}

export function mrkdwn(text) {
  const nodes = [];
  String(text ?? "").split(/```\n?([\s\S]*?)\n?```\n?/).forEach((part, number) => {
    if (number % 2) nodes.push(h("pre", {}, codeNodes(part)));
    else if (part) nodes.push(...lines(number ? part : part.replace(/\n$/, "")));
  });
  return nodes;
}

// A text object of Block Kit.
export function textObject(object) {
  if (!object || typeof object.text !== "string") return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return object.emoji === false ? [decode(object.text)] : withEmoji(decode(object.text));
}

export const plainOf = (object) => decode(object?.text || "").replace(/:([a-z0-9_+'-]+):/g, (whole, name) => EMOJI.get(name) || whole);
