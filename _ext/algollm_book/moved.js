// A place that moved to another page: go there. Without this script its link is shown.
const follow = () => {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const page = document.querySelector("a.moved-page");
  if (place && place.matches(".moved")) {
    location.replace(place.querySelector("a").href);
  } else if (page) {
    location.replace(new URL(location.hash || page.href, page.href));
  }
};
addEventListener("hashchange", follow);
follow();
