// One message: who, when, what, and what can be done with it.

import { drawAttachment, drawBlocks } from "./blocks.js";
import { ask } from "./confirm.js";
import { h, icon, iconButton, notice } from "./dom.js";
import { gather } from "./elements.js";
import { EMOJI, QUICK, emojiOf } from "./emoji.js";
import { openMenu, place as placeBeside } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { act, actOrSay, nameOf, personOf, world } from "./store.js";
import { agoOf, clock, fullMoment } from "./time.js";

export function avatar(user, size = "") {
  const person = personOf(user);
  if (person) {
    const initials = person.real_name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
    return h("span", { class: `avatar ${size}`, style: { background: `#${person.color}` }, "aria-hidden": "true" }, initials);
  }
  if (user === world.slackbot) return h("span", { class: `avatar slackbot ${size}`, "aria-hidden": "true" }, "S");
  return h("span", { class: `avatar app-avatar ${size}`, "aria-hidden": "true" }, h("img", { src: "/static/icon.svg", alt: "" }));
}

export const isQuiet = (message) => message.subtype?.startsWith("channel_") || message.subtype === "tombstone";

export function drawMessage(message, { compact = false, inThread = false } = {}) {
  if (isQuiet(message)) return quiet(message);
  const author = message.username || nameOf(message.user);
  const root = h("article", {
    class: ["message", compact && "compact", message.private_to && "private", message.pinned_to && "pinned"].filter(Boolean).join(" "),
    dataset: { testid: "message", ts: message.ts }, "aria-label": `${author}, ${clock(message.ts)}`,
  });
  const surface = {
    press: (press) => act("press", { channel: message.channel, ts: message.ts, inputs: gather(root), ...press }),
    failed: (error, node) => failed(root, error, node),
    instant: (block) => block.type !== "input" || block.dispatch_action,
  };
  const when = h("time", { class: "when", title: fullMoment(message.ts) }, clock(message.ts));
  root.append(
    h("div", { class: "gutter" }, compact ? when : message.icon_emoji ? h("span", { class: "avatar slackbot" }, emojiOf(message.icon_emoji.replaceAll(":", ""))) : avatar(message.user)),
    h("div", { class: "content" },
      message.private_to && h("div", { class: "private-note" }, icon("eye", 14), "Only visible to you"),
      message.pinned_to && h("div", { class: "pin-note" }, icon("pin", 14), `Pinned by ${nameOf(message.pinned_info?.pinned_by)}`),
      !compact && h("div", { class: "byline" }, h("span", { class: "author" }, author), message.bot_id && h("span", { class: "app-tag" }, "App"), when),
      body(message, surface, inThread),
      reactions(message), !inThread && replies(message)),
    tools(message, inThread));
  return root;
}

function body(message, surface, inThread) {
  const blocks = message.blocks || [];
  const edited = message.edited && (!message.bot_id || !blocks.length) && h("span", { class: "edited", title: fullMoment(message.edited.ts) }, "(edited)");
  return h("div", { class: "body blocks" },
    message.subtype === "thread_broadcast" && !inThread && h("div", { class: "broadcast-note" }, "replied to a thread"),
    blocks.length ? drawBlocks(blocks, surface) : message.text && h("div", { class: "prose" }, mrkdwn(message.text)),
    edited,
    (message.attachments || []).map((attachment) => drawAttachment(attachment, surface)),
    (message.files || []).map(file));
}

function file(one) {
  const picture = one.mimetype === "image/png" && h("img", { src: `/files/${one.id}`, alt: one.alt_txt || one.title || one.name, loading: "lazy" });
  return h("div", { class: "file" },
    h("a", { class: "file-head", href: `/files/${one.id}`, download: one.name }, icon("file"), h("strong", {}, one.title || one.name), h("small", {}, `${one.size} bytes · ${one.filetype}`)),
    picture,
    one.preview && h("pre", {}, one.preview, one.preview_is_truncated && "\n…"));
}

function failed(root, error, node) {
  root.querySelector(".press-error")?.remove();
  const near = node.closest(".block") || root.querySelector(".body");
  near.after(h("p", { class: "press-error", role: "alert" }, "⚠️ ", error));
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((one) => h("button", {
    type: "button", class: one.users.includes(world.me) ? "reaction mine" : "reaction", "aria-pressed": String(one.users.includes(world.me)),
    "aria-label": `${one.name}, ${one.count}`, title: `${one.users.map(nameOf).join(", ")} reacted with :${one.name}:`,
    onclick: () => actOrSay("react", { channel: message.channel, ts: message.ts, name: one.name }),
  }, h("span", { class: "emoji" }, emojiOf(one.name)), h("span", {}, String(one.count)))));
}

function replies(message) {
  if (!message.reply_count) return null;
  return h("a", { class: "replies", href: `#/${message.channel}/t${message.ts}` },
    message.reply_users.slice(0, 3).map((user) => avatar(user, "tiny")),
    h("strong", {}, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`),
    h("small", {}, `Last ${agoOf(message.latest_reply)}`));
}

function tools(message, inThread) {
  const own = message.user === world.me;
  const spot = { channel: message.channel, ts: message.ts };
  if (message.private_to) return h("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" }, iconButton("close", "Dismiss", () => actOrSay("delete", spot)));
  const menu = [
    { text: message.pinned_to ? "Unpin from channel" : "Pin to channel", before: icon("pin"), do: () => actOrSay("pin", spot) },
    { text: "Copy link", before: icon("link"), do: () => copyLink(spot) },
    ...world.shortcuts.map((one) => ({ text: one.name, detail: world.app.name, before: icon("bolt"), do: () => useShortcut(spot, one) })),
    ...(own ? ["-", { text: "Edit message", before: icon("edit"), do: () => edit(message) }, { text: "Delete message", danger: true, before: icon("trash"), do: () => remove(spot) }] : []),
  ];
  const more = iconButton("more", "More actions", () => openMenu(more, menu, "Message actions"), { "aria-haspopup": "menu", "aria-expanded": "false" });
  const smile = iconButton("smile", "Add reaction", () => pickEmoji(smile, (name) => actOrSay("react", { ...spot, name })));
  return h("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" }, smile,
    !inThread && iconButton("reply", "Reply in thread", () => { location.hash = `#/${message.channel}/t${message.thread_ts || message.ts}`; }), more);
}

async function copyLink(spot) {
  const link = (await actOrSay("link", spot)).permalink;
  try {
    await navigator.clipboard.writeText(link);
    notice("Link copied");
  } catch {
    notice(link);
  }
}

async function useShortcut(spot, one) {
  const told = await act("shortcut", { ...spot, callback_id: one.callback_id });
  if (!told.ok) notice(told.error);
}

async function remove(spot) {
  if (await ask({ title: "Delete message", text: "Are you sure you want to delete this message? This cannot be undone.", confirm: "Delete", deny: "Cancel", danger: true })) actOrSay("delete", spot);
}

function edit(message) {
  const root = [...document.querySelectorAll(`[data-ts="${message.ts}"] .body`)].pop();
  const source = (message.text || "").replace(/<@(\w+)>/g, (_, id) => `@${personOf(id)?.name || world.app.name}`).replace(/<#\w+\|([^>]+)>/g, "#$1").replace(/<([^>|]+)>/g, "$1").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const field = h("textarea", { class: "field", "aria-label": "Edit message", rows: "3" });
  field.value = source;
  const save = async () => (await actOrSay("edit", { channel: message.channel, ts: message.ts, text: field.value })).ok;
  const cancel = () => root.replaceChildren(...drawMessage(message).querySelector(".body").childNodes);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); save(); }
    if (event.key === "Escape") cancel();
  });
  root.replaceChildren(field, h("div", { class: "edit-foot" }, h("button", { type: "button", class: "button small", onclick: cancel }, "Cancel"), h("button", { type: "button", class: "button small primary", onclick: save }, "Save")));
  field.focus();
}

function pickEmoji(opener, pick) {
  document.querySelector(".picker")?.remove();
  const grid = h("div", { class: "picker-grid" });
  const show = (words) => grid.replaceChildren(...[...(words ? EMOJI.keys() : [...QUICK, ...EMOJI.keys()])].filter((name, at, all) => name.includes(words) && all.indexOf(name) === at).slice(0, 96)
    .map((name) => h("button", { type: "button", "aria-label": name, title: `:${name}:`, onclick: () => { close(); pick(name); } }, emojiOf(name))));
  const search = h("input", { class: "field", type: "search", placeholder: "Search emoji", "aria-label": "Search emoji", oninput: () => show(search.value.trim().toLowerCase()) });
  const node = h("div", { class: "menu picker", role: "dialog", "aria-label": "Add reaction" }, search, grid);
  const away = (event) => { if (!node.contains(event.target)) close(); };
  const close = () => { node.remove(); document.removeEventListener("pointerdown", away); opener.focus(); };
  node.addEventListener("keydown", (event) => event.key === "Escape" && close());
  show("");
  document.body.append(node);
  placeBeside(node, opener.getBoundingClientRect());
  search.focus();
  setTimeout(() => document.addEventListener("pointerdown", away));
}

function quiet(message) {
  const words = mrkdwn(message.text.replace(/^<@\w+> /, ""));
  const tombstone = message.subtype === "tombstone";
  return h("article", { class: "message quiet", dataset: { testid: "message", ts: message.ts } },
    h("div", { class: "gutter" }, tombstone ? icon("trash", 16) : avatar(message.user, "small")),
    h("div", { class: "content" }, !tombstone && h("strong", {}, nameOf(message.user), " "), h("span", { class: "prose" }, words), h("time", { class: "when" }, clock(message.ts)), replies(message)));
}
