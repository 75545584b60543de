// Shows what is new without being asked to, unless somebody is writing or has a form open.
const bottom = () => document.getElementById("end")?.scrollIntoView();

document.addEventListener("submit", (e) => {
  const question = e.target.dataset.confirm;
  if (question && !confirm(question)) e.preventDefault();
});

setInterval(async () => {
  const typing = document.activeElement?.matches("input, textarea, select");
  const saving = document.querySelector(".modal") && !document.getElementById("form").querySelector("input:not([type=hidden]), textarea, select");
  if (document.hidden || typing || (document.querySelector(".modal") && !saving)) return;
  let text;
  try {
    text = await (await fetch(location.href)).text();
  } catch {
    return; // it is not running just now
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (fresh.body.innerHTML === document.body.innerHTML) return;
  const low = window.innerHeight + window.scrollY > document.body.offsetHeight - 200;
  document.body.replaceWith(fresh.body);
  if (low) bottom();
}, 1500);
