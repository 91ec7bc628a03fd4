// A place that moved to another page: go there. Without this script its link is shown.
const follow = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const moved = id && document.getElementById(id);
  if (moved && moved.matches(".moved")) {
    location.replace(moved.querySelector("a").href);
  } else if (document.querySelector("a.moved-page")) {
    location.replace(document.querySelector("a.moved-page").href + location.hash);
  }
};
addEventListener("hashchange", follow);
follow();
