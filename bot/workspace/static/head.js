// The line above the messages: where one is, what is pinned there, and who one is.

import { h, icon, iconButton } from "./dom.js";
import { avatar } from "./message.js";
import { openMenu } from "./menu.js";
import { inline, safeLink, withEmoji } from "./mrkdwn.js";
import { becomePerson, personOf, world } from "./store.js";

export function personSwitch() {
  const me = personOf(world.me);
  const items = world.people.map((one) => ({ text: one.real_name, detail: one.title, before: avatar(one.id, "small"), after: one.id === world.me ? h("span", { class: "you" }, "you") : null, do: () => becomePerson(one.id) }));
  const node = h("button", { type: "button", class: "person-switch", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `You are ${me.real_name}. Become someone else`, onclick: () => openMenu(node, items, "Become someone else") },
    avatar(world.me, "small"), h("span", { class: "person-words" }, h("small", {}, "You are"), h("strong", {}, me.real_name)), icon("down", 16));
  return node;
}

export function head(title, { sign, topic, tabs, tools = [] } = {}) {
  const toggle = iconButton("menu", "Show channels", () => document.body.classList.toggle("rail-open"), { class: "icon-button rail-toggle" });
  return h("header", { class: "head" }, toggle,
    h("div", { class: "head-title" }, h("h1", {}, sign && icon(sign, 20), title), topic && h("p", { class: "topic", title: topic }, inline(topic))),
    h("div", { class: "head-tools" }, tools, personSwitch()), tabs);
}

export function bookmarkBar(channel) {
  if (!channel.bookmarks?.length) return null;
  return h("div", { class: "bookmarks" }, channel.bookmarks.map((one) => safeLink(one.link, ...(one.emoji ? withEmoji(`:${one.emoji.replaceAll(":", "")}:`) : [icon("link", 14)]), " ", one.title)));
}

export function membersButton(channel) {
  const items = channel.members.map((id) => ({ text: id === world.app.id ? world.app.name : personOf(id)?.real_name || id, before: avatar(id, "small"), do: () => {} }));
  const node = h("button", { type: "button", class: "head-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `${items.length} members`, onclick: () => openMenu(node, items, "Members") }, icon("people", 16), String(items.length));
  return node;
}

export function pinsButton(pinned, go) {
  if (!pinned.length) return null;
  const items = pinned.map((message) => ({ text: message.text.slice(0, 90) || "(card)", detail: `pinned by ${personOf(message.pinned_info?.pinned_by)?.real_name || world.app.name}`, before: icon("pin", 16), do: () => go(message.ts) }));
  const node = h("button", { type: "button", class: "head-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": `${pinned.length} pinned`, onclick: () => openMenu(node, items, "Pinned messages") }, icon("pin", 16), String(pinned.length));
  return node;
}
