// What the page knows, and the only way it speaks to the server.

import { notice } from "./dom.js";

export const world = { me: "", people: [], channels: [], commands: [], shortcuts: [], groups: [], app: {}, team: "" };
export const place = { view: "channel", channel: "", thread: "", mark: "" };

const asked = new URLSearchParams(location.search).get("as");
let me = asked || sessionStorage.getItem("person") || localStorage.getItem("person") || "";

export function becomePerson(id) {
  sessionStorage.setItem("person", id);
  localStorage.setItem("person", id);
  const url = new URL(location.href);
  url.searchParams.delete("as");
  history.replaceState(null, "", url);
  location.reload();
}

async function answerOf(request) {
  const response = await request;
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export async function see(sight, query = {}) {
  const words = new URLSearchParams({ as: me, ...query });
  return answerOf(fetch(`/local/see/${sight}?${words}`));
}

export async function act(deed, body = {}) {
  try {
    const headers = { "Content-Type": "application/json" };
    return await answerOf(fetch(`/local/do/${deed}`, { method: "POST", headers, body: JSON.stringify({ as: me, ...body }) }));
  } catch (failed) {
    return { ok: false, error: "The workspace did not answer. Is it still running?" };
  }
}

// For deeds whose failure nothing else shows.
export async function actOrSay(deed, body) {
  const done = await act(deed, body);
  if (!done.ok) notice(REASONS[done.error] || done.error || "That did not work.");
  return done;
}

const REASONS = {
  not_in_channel: "Join the channel first.",
  is_archived: "This channel is archived.",
  name_taken: "There is already a channel of that name.",
  invalid_name_specials: "Channel names have lower-case letters, digits, - and _ only.",
  invalid_name_required: "The channel needs a name.",
  invalid_name_maxlength: "Channel names have 80 characters at most.",
};

export async function loadWorld() {
  let loaded = await see("world");
  if (!loaded.ok) {
    me = "";
    loaded = await see("world");
  }
  Object.assign(world, loaded);
  me = world.me;
  sessionStorage.setItem("person", me);
}

export const channelOf = (id) => world.channels.find((channel) => channel.id === id);
export const directChannel = () => world.channels.find((channel) => channel.kind === "im");
export const personOf = (id) => world.people.find((person) => person.id === id);

export function nameOf(id) {
  if (id === world.app.id) return world.app.name;
  if (id === world.slackbot) return "Slackbot";
  return personOf(id)?.real_name || id;
}

// Resolves when the link is open, or when it is clear that this will take a while: it is tried again then.
export function follow(hear, reload) {
  let settle = null;
  const settled = new Promise((done) => { settle = done; setTimeout(done, 3_000); });
  const link = new WebSocket(`ws://${location.host}/local/live?as=${encodeURIComponent(me)}`);
  let opened = false;
  link.onopen = () => {
    opened = true;
    document.body.classList.remove("offline");
    if (follow.lost) reload();
    follow.lost = false;
    settle();
  };
  link.onmessage = (frame) => hear(JSON.parse(frame.data));
  link.onclose = () => {
    settle();
    follow.lost = true;
    document.body.classList.add("offline");
    setTimeout(() => follow(hear, reload), opened ? 300 : 1500);
  };
  return settled;
}
