// Puts the page together: reads the address, shows the place, follows what changes.

import { drawBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { fill, h, icon, iconButton, notice } from "./dom.js";
import { gather } from "./elements.js";
import { bookmarkBar, head, membersButton, pinsButton } from "./head.js";
import { avatar } from "./message.js";
import { showModals } from "./modal.js";
import { drawRail } from "./rail.js";
import { act, actOrSay, channelOf, directChannel, follow, loadWorld, place, see, world } from "./store.js";
import { Timeline } from "./timeline.js";

const main = document.getElementById("main");
const aside = document.getElementById("thread");
const layout = document.getElementById("app");
let timeline = null;
let thread = null;
let pinned = [];
let visit = 0;

function readAddress() {
  const [first = "", second = ""] = location.hash.replace(/^#\//, "").split("/");
  place.view = first === "home" ? "home" : "channel";
  const fallback = world.channels.find((channel) => channel.member && channel.kind !== "im") || directChannel();
  place.channel = place.view === "home" ? "" : channelOf(first)?.id || fallback.id;
  place.thread = second.startsWith("t") ? second.slice(1) : "";
  place.mark = /^p\d{7,}$/.test(second) ? `${second.slice(1, -6)}.${second.slice(-6)}` : "";
}

async function go() {
  const before = { ...place };
  readAddress();
  document.body.classList.remove("rail-open");
  drawRail();
  const number = (visit += 1);
  if (place.view === "home") await showHome();
  else if (before.channel !== place.channel || before.view !== place.view || !timeline) await showChannel(number);
  if (number !== visit) return;
  if (place.mark && timeline && !timeline.mark(place.mark)) await openMarkedThread();
  await showThread();
}

async function showChannel(number) {
  const channel = channelOf(place.channel);
  const loaded = await fetched(see("channel", { channel: channel.id }));
  if (number !== visit) return;
  pinned = loaded.pinned || [];
  const title = channel.kind === "im" ? world.app.name : channel.name;
  timeline = new Timeline(`Messages in ${title}`);
  timeline.unreadFrom = channel.unread ? lastRead(loaded.messages, channel.unread) : "";
  const foot = channel.member && !channel.archived ? new Composer({ label: channel.kind === "im" ? `Message ${title}` : `Message #${title}`, channel: channel.id }).node : outside(channel);
  fill(main, h("div", { class: "head-place" }), bookmarkBar(channel), timeline.list, h("div", { class: "foot" }, foot));
  drawHead();
  timeline.load(loaded.messages || [], intro(channel));
  document.title = `${channel.kind === "im" ? "" : "#"}${title} · ${world.team}`;
  if (!place.mark && !matchMedia("(max-width: 800px)").matches) main.querySelector(".composer-field")?.focus();
  if (channel.kind === "im") act("open_home", { tab: "messages" });
  if (channel.member && channel.unread) act("read", { channel: channel.id }).then(soonRail);
}

function lastRead(messages, unread) {
  const others = messages.filter((message) => message.user !== world.me && !message.private_to && !message.subtype?.startsWith("channel_"));
  const first = others[others.length - unread];
  return first ? String((Number(first.ts) - 0.0005).toFixed(6)) : "";
}

function drawHead() {
  const channel = channelOf(place.channel);
  const slot = main.querySelector(".head-place");
  if (!slot || !channel) return;
  const marks = [pinsButton(pinned, (ts) => timeline.mark(ts)), channel.kind !== "im" && membersButton(channel)];
  if (channel.kind === "im") fill(slot, head(world.app.name, { sign: "bolt", topic: world.app.description, tools: marks, tabs: appTabs("messages") }));
  else fill(slot, head(channel.name, { sign: channel.kind === "group" ? "lock" : "hash", topic: channel.topic || channel.purpose, tools: marks }));
}

function intro(channel) {
  if (channel.kind === "im") return h("div", { class: "intro" }, avatar(world.app.id, "large"), h("h2", {}, world.app.name), h("p", {}, `This is the beginning of your messages with ${world.app.name}. ${world.app.description}.`));
  return h("div", { class: "intro" }, h("span", { class: "intro-sign" }, icon("hash", 30)), h("h2", {}, channel.name), h("p", {}, channel.purpose || `This is the beginning of #${channel.name}.`));
}

function outside(channel) {
  if (channel.archived) return h("div", { class: "outside" }, "This channel is archived. It can be read, not written to.");
  return h("div", { class: "outside" }, h("span", {}, "You are looking at ", h("strong", {}, `#${channel.name}`)),
    h("button", { type: "button", class: "button primary", onclick: async () => { await actOrSay("join", { channel: channel.id }); await reload(); } }, "Join channel"));
}

function appTabs(current) {
  const tab = (name, href, words) => h("a", { href, role: "tab", class: current === name ? "tab current" : "tab", "aria-selected": String(current === name) }, words);
  return h("div", { class: "tabs", role: "tablist" }, tab("home", "#/home", "Home"), tab("messages", `#/${directChannel().id}`, "Messages"));
}

async function showHome(opened = true, looks = 0) {
  timeline = null;
  if (opened) act("open_home", { tab: "home" });
  const { view } = await see("home");
  if (place.view !== "home") return;
  // The app may publish before this page's live connection is up: look again for a while.
  if (!view && looks < 20) setTimeout(() => place.view === "home" && showHome(false, looks + 1), 250);
  const body = h("div", { class: "home blocks" });
  const surface = {
    press: (press) => act("press", { view: view.id, inputs: gather(body), ...press }),
    failed: (error, node) => { body.querySelector(".press-error")?.remove(); (node.closest(".block") || body).after(h("p", { class: "press-error", role: "alert" }, "⚠️ ", error)); },
    instant: (block) => block.type !== "input" || block.dispatch_action,
  };
  if (view) body.append(...drawBlocks(view.blocks, surface));
  else body.append(h("div", { class: "empty" }, avatar(world.app.id, "large"), h("h2", {}, `${world.app.name} is getting its home ready`), h("p", {}, "It appears here as soon as the app publishes it.")));
  const top = main.querySelector(".home-scroll")?.scrollTop || 0;
  fill(main, head(world.app.name, { sign: "bolt", topic: world.app.description, tabs: appTabs("home") }), h("div", { class: "home-scroll", tabindex: "0" }, body));
  main.querySelector(".home-scroll").scrollTop = top;
  document.title = `${world.app.name} · ${world.team}`;
}

async function openMarkedThread() {
  const { ok, messages } = await see("thread", { channel: place.channel, ts: place.mark });
  if (!ok) return;
  place.thread = messages[0].ts;
  await showThread();
  thread?.mark(place.mark);
}

async function showThread() {
  const open = place.view === "channel" && place.thread;
  aside.hidden = !open;
  layout.classList.toggle("with-thread", Boolean(open));
  if (!open) { thread = null; aside.replaceChildren(); return; }
  if (thread?.root === place.thread) return;
  const { ok, messages } = await fetched(see("thread", { channel: place.channel, ts: place.thread }));
  if (!ok) { location.hash = `#/${place.channel}`; return; }
  const channel = channelOf(place.channel);
  thread = new Timeline("Thread", { inThread: true });
  thread.root = messages[0].ts;
  const close = iconButton("close", "Close thread", () => { location.hash = `#/${place.channel}`; });
  const composer = new Composer({ label: "Reply…", channel: channel.id, threadTs: thread.root, foot: h("span") });
  fill(aside, h("header", { class: "thread-head" }, h("div", {}, h("h2", {}, "Thread"), h("small", {}, channel.kind === "im" ? world.app.name : `#${channel.name}`)), close),
    thread.list, channel.member && !channel.archived && h("div", { class: "foot" }, composer.node));
  thread.load(messages);
  if (channel.member) composer.field.focus();
}

const ofThread = (message) => thread && (message.ts === thread.root || message.thread_ts === thread.root);

const later = (work, wait) => { let timer = null; return () => { timer ??= setTimeout(() => { timer = null; work(); }, wait); }; };
// What came since the last look, newest state of each message.
const waiting = new Map();
const soonMessages = later(showWaiting, 40);
let fetching = 0;

// What is heard while a place is fetched is shown after it is drawn: else what is not in it yet would be lost.
async function fetched(asked) {
  fetching += 1;
  try { return await asked; } finally {
    setTimeout(() => { fetching -= 1; soonMessages(); });
  }
}

function hearMessage({ message, posted }) {
  const known = waiting.get(message.ts);
  waiting.set(message.ts, { message, posted: posted || known?.posted });
  soonMessages();
}

function showWaiting() {
  if (fetching) return;
  const all = [...waiting.values()];
  waiting.clear();
  const here = all.filter(({ message }) => message.channel === place.channel);
  if (timeline && here.length) {
    const messages = here.map(({ message }) => message);
    timeline.upsert(messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.broadcast));
    if (thread) thread.upsert(messages.filter(ofThread));
    pinned = pinned.filter((one) => !messages.some((message) => message.ts === one.ts)).concat(messages.filter((message) => message.pinned_to));
    drawHead();
    const fresh = here.filter(({ posted }) => posted);
    if (fresh.some(({ message }) => message.user === world.me)) timeline.toBottom();
    if (fresh.length && !document.hidden) soonRead();
  }
  if (all.some(({ posted }) => posted)) soonRail();
}

const soonRead = later(() => place.channel && channelOf(place.channel)?.member && act("read", { channel: place.channel }), 250);
const soonRail = later(async () => {
  const loaded = await see("rail");
  const here = channelOf(place.channel);
  Object.assign(world, { channels: loaded.channels, commands: loaded.commands });
  world.app.connected = loaded.connected;
  drawRail();
  const now = channelOf(place.channel);
  if (here && now && (here.member !== now.member || here.archived !== now.archived)) { timeline = null; place.channel = ""; go(); } else drawHead();
}, 120);

const HEARD = {
  message: hearMessage,
  gone: ({ ts }) => { showWaiting(); waiting.delete(ts); timeline?.remove(ts); thread?.remove(ts); pinned = pinned.filter((one) => one.ts !== ts); drawHead(); },
  channels: soonRail,
  views: ({ views }) => showModals(views),
  home: () => place.view === "home" && showHome(false),
};

async function reload() {
  await loadWorld();
  timeline = null;
  place.channel = "";
  thread = null;
  await go();
  showModals((await see("views")).views);
}

addEventListener("hashchange", go);
document.addEventListener("visibilitychange", () => !document.hidden && soonRead());
document.addEventListener("pointerdown", (event) => {
  if (document.body.classList.contains("rail-open") && !document.getElementById("rail").contains(event.target) && !event.target.closest(".rail-toggle")) document.body.classList.remove("rail-open");
});
// A network that changes under it (a VPN, a container's) breaks what is being fetched: once more, then.
async function begin(work) {
  for (let pause = 250; ; pause = Math.min(4_000, pause * 2)) {
    try { return await work(); } catch (failed) {
      notice("The workspace did not answer. Trying again…");
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

await begin(loadWorld);
// Listen first, look then: what comes in between is in what is looked at.
await follow((event) => HEARD[event.t]?.(event), reload);
await begin(reload);
sessionStorage.removeItem("tries");
document.body.dataset.ready = "yes";
