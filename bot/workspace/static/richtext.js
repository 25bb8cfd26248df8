// rich_text blocks: what people type, and what careful bots send.

import { h } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { channelLink, mention, safeLink } from "./mrkdwn.js";
import { world } from "./store.js";
import { dateToken } from "./time.js";

function styled(style, ...inside) {
  let node = inside;
  if (!style) return node;
  if (style.code) node = [h("code", {}, node)];
  if (style.bold) node = [h("strong", {}, node)];
  if (style.italic) node = [h("em", {}, node)];
  if (style.strike) node = [h("s", {}, node)];
  return node;
}

const LEAVES = {
  text: (part) => styled(part.style, part.text || ""),
  link: (part) => styled(part.style, safeLink(part.url || "", part.text || part.url || "")),
  user: (part) => mention(part.user_id),
  usergroup: (part) => h("span", { class: "mention" }, `@${world.groups.find((group) => group.id === part.usergroup_id)?.handle || "group"}`),
  channel: (part) => channelLink(part.channel_id),
  broadcast: (part) => h("span", { class: "mention broadcast" }, `@${part.range}`),
  emoji: (part) => h("span", { class: "emoji", role: "img", "aria-label": part.name }, EMOJI.get(part.name) || `:${part.name}:`),
  date: (part) => dateToken(String(part.timestamp), part.format || "{date}", part.fallback || ""),
  color: (part) => h("code", {}, part.value || ""),
};

const leaves = (parts) => (parts || []).map((part) => (LEAVES[part.type] ? LEAVES[part.type](part) : part.text || ""));

function part(element) {
  if (element.type === "rich_text_preformatted") return h("pre", {}, leaves(element.elements));
  if (element.type === "rich_text_quote") return h("blockquote", {}, leaves(element.elements));
  if (element.type === "rich_text_list") {
    const tag = element.style === "ordered" ? "ol" : "ul";
    return h(tag, { class: `indent-${Math.min(element.indent || 0, 4)}` }, (element.elements || []).map((item) => h("li", {}, leaves(item.elements))));
  }
  return h("span", { class: "lines" }, leaves(element.elements));
}

export const richText = (block) => h("div", { class: "rich" }, (block.elements || []).map(part));
