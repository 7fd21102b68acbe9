// Keeps the page's own files, so that it opens with the network off. It knows no list and no card.
// Its version is the digest of those files: another page is another version, taken whole or not at all. A file
// that comes torn, or of another version, is not the one that its digest names.

const VERSION = "rempart-verify-{{ version }}";
const FILES = {{ files }};

addEventListener("install", (event) => {
  const fresh = Object.entries(FILES).map(([name, integrity]) => new Request(name, { cache: "reload", integrity }));
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const ended = (name) => name.startsWith("rempart-verify-") && name !== VERSION;
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter(ended).map((name) => caches.delete(name))))
    .then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event, name = request.url.slice(registration.scope.length).split(/[?#]/)[0];
  if (request.method !== "GET" || !Object.hasOwn(FILES, name || "./")) return;
  event.respondWith(caches.open(VERSION).then(async (cache) => (
    await cache.match(name || "./") ?? fetch(request))));
});
