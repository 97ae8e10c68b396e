/* Shows how far the work is, where the reader is at: what is marked `data-live` is brought up to date in its place.
   When the work is at rest the page is loaded anew, and so it is where a policy keeps scripts from asking for it. A
   server that does not answer for a while is asked again. */
"use strict";
(() => {
  const pause = 1000 * Number(document.currentScript.dataset.seconds);
  let hasWorked = false;
  const parts = (page) => [...page.querySelectorAll("[data-live]")];

  async function look() {
    const answer = await fetch(location.href);
    if (!answer.ok && answer.status >= 500) throw new Error(answer.status);
    hasWorked = true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = parts(page);
    if (!page.querySelector("script[data-seconds]") || fresh.length !== parts(document).length) {
      location.reload();
      return;
    }
    parts(document).forEach((part, place) => {
      part.className = fresh[place].className;
      part.replaceChildren(...fresh[place].childNodes);
    });
    wait();
  }

  const wait = () => setTimeout(() => look().catch(() => (hasWorked ? wait() : location.reload())), pause);
  wait();
})();
